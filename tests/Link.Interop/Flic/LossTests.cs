using Link.Abstractions;
using Link.Interop.Harness;
using Link.Testing;

namespace Link.Interop.Flic;

/// <summary>What dies: bridges and nodes of either side.</summary>
[Collection(FlicNodes.Name)]
public sealed class LossTests
{
    public static TheoryData<Side> Bridges => new() { Side.Sharp, Side.Script };

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task A_bridge_that_is_killed_fails_all_that_waits_at_once(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartApartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { @event = "none" });
        var sharp = await meeting.AddSharpAsync();
        var lost = new Seen<LinkException>();
        sharp.Disconnected += (_, e) => lost.Add(e.Error);
        var waiting = Enumerable.Range(0, 10).Select(n => sharp.TellAsync("script:event", n)).ToArray();
        await script.HappenedAsync("event", 10);

        await meeting.KillBridgeAsync();

        foreach (var tell in waiting)
        {
            var failed = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(tell, TimeSpan.FromSeconds(20)));
            Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (failed.Error, failed.Fate));
        }

        Assert.Equal(LinkError.ConnectionLost, (await lost.NextAsync()).Error);
        Assert.False(sharp.IsConnected);
    }

    [Fact]
    public async Task A_node_that_reconnects_meets_JavaScript_again_on_the_bridge_that_comes_next()
    {
        await using var meeting = await FlicMeeting.StartApartAsync(Side.Sharp);
        var sharp = await meeting.AddSharpAsync(options: options => options with { Reconnect = true, MaxReconnectBackoff = TimeSpan.FromMilliseconds(200) });
        var back = new Seen<string>();
        sharp.Reconnected += (_, _) => back.Add("back");
        sharp.On("event", message => message.AcknowledgeAsync(null, message.Arguments[0]));

        await meeting.KillBridgeAsync();
        meeting.Keep(await SharpBridgeProcess.StartAsync(meeting.Port));
        await back.NextAsync();
        var script = await meeting.AddScriptAsync();

        Assert.Equal("[null,1]", await script.TellAsync("sharp:event", 1));
    }

    [Fact]
    public async Task On_a_bridge_of_Link_the_loss_of_a_node_in_JavaScript_answers_what_it_was_told()
    {
        await using var meeting = await FlicMeeting.StartAsync(Side.Sharp);
        var script = await meeting.AddScriptAsync(reactions: new { @event = "none" });
        var sharp = await meeting.AddSharpAsync();
        var waiting = sharp.TellAsync("script:event");
        await script.HappenedAsync("event");

        await meeting.KillScriptsAsync();

        var failed = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(waiting, TimeSpan.FromSeconds(20)));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (failed.Error, failed.Fate));
    }

    [Fact]
    public async Task On_a_bridge_of_Link_JavaScript_hears_of_the_loss_of_a_node_in_CSharp()
    {
        await using var meeting = await FlicMeeting.StartAsync(Side.Sharp);
        var sharp = await meeting.AddSharpAsync();
        var told = new Seen<string>();
        var hold = new TaskCompletionSource();
        sharp.On("event", message =>
        {
            told.Add(message.Event);
            return hold.Task;
        });
        var script = await meeting.AddScriptAsync();

        var waiting = script.TellAsync("sharp:event");
        await told.NextAsync();
        await sharp.LeaveAsync(force: true);

        Assert.Equal("[\"node-lost\"]", await waiting);
        hold.SetResult();
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task The_name_of_a_node_that_is_killed_is_free_again(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        await meeting.AddScriptAsync("name");
        await meeting.KillScriptsAsync();

        await Within.Until(async () =>
        {
            try
            {
                await meeting.AddSharpAsync("name");
                return true;
            }
            catch (LinkException exception) when (exception.Error == LinkError.NameUnavailable)
            {
                return false;
            }
        });

        var script = await meeting.AddScriptAsync();
        Assert.Equal("[\"unknown-event\"]", await script.TellAsync("name:event"));
    }
}

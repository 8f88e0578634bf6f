using Link.Abstractions;
using Link.Flic;
using Link.Interop.Harness;
using Link.Testing;

namespace Link.Interop.Flic;

/// <summary>Joining, leaving, shouting and closing, over a bridge of either.</summary>
[Collection(FlicNodes.Name)]
public sealed class LifeTests
{
    public static TheoryData<Side> Bridges => new() { Side.Sharp, Side.Script };

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task A_name_that_JavaScript_has_is_refused_to_CSharp_and_the_other_way_round(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        await meeting.AddScriptAsync("one", new { @event = "echo" });
        var sharp = await meeting.AddSharpAsync("two");

        var refused = await Assert.ThrowsAsync<LinkException>(() => meeting.AddSharpAsync("one"));
        var script = await meeting.AddScriptAsync("two");

        Assert.Equal(LinkError.NameUnavailable, refused.Error);
        Assert.Contains("duplicate-node", refused.Message, StringComparison.Ordinal);
        Assert.Equal("duplicate-node", (string?)script.Connected);
        Assert.Equal(1, (await sharp.TellAsync("one:event", 1)).As<int>(0));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task A_node_without_a_name_is_told_by_the_name_that_its_messages_carry(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var sharp = await meeting.AddSharpAsync(id: null);
        var senders = new Seen<string>();
        sharp.On("event", message =>
        {
            senders.Add(message.Sender!);
            return message.AcknowledgeAsync(null);
        });
        var script = await meeting.AddScriptAsync(id: null, new { @event = "echo" });

        Assert.Equal("[null]", await script.TellAsync($"{sharp.Id}:event"));

        Assert.Equal(1, (await sharp.TellAsync($"{await senders.NextAsync()}:event", 1)).As<int>(0));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task A_shout_reaches_all_others_and_not_its_sender(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var first = await meeting.AddScriptAsync("script 1", new { news = "none", ask = "echo" });
        var second = await meeting.AddScriptAsync("script 2", new { news = "none" });
        var (sharp, heard) = await AddHearingAsync(meeting, "sharp 1");
        var (_, alsoHeard) = await AddHearingAsync(meeting, "sharp 2");

        await sharp.ShoutAsync("news", "from C#", 1);
        Assert.Equal("news [\"from C#\",1]", await alsoHeard.NextAsync());
        await first.HappenedAsync("news");
        await first.ShoutAsync("news", "from JavaScript", FlicNodePeer.Undefined);

        Assert.Equal("news [\"from JavaScript\",null]", await alsoHeard.NextAsync());
        Assert.Equal("news [\"from JavaScript\",null]", await heard.NextAsync());
        Assert.Equal(["[\"from C#\",1]", "[\"from JavaScript\",null]"], await second.HappenedAsync("news", 2));
        await sharp.TellAsync("script 1:ask");
        Assert.Equal(["[\"from C#\",1]"], await first.HappenedAsync("news"));
        Assert.Equal(0, heard.Count + alsoHeard.Count);
    }

    [Theory]
    [InlineData(Side.Sharp, true)]
    [InlineData(Side.Sharp, false)]
    [InlineData(Side.Script, true)]
    [InlineData(Side.Script, false)]
    public async Task The_name_of_one_that_has_left_is_free_for_the_other(Side bridge, bool force)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync("name");
        await script.LeaveAsync(force);

        // The bridge sees a forced end when it comes to it.
        FlicNode? sharp = null;
        await Within.Until(async () =>
        {
            try
            {
                sharp = await meeting.AddSharpAsync("name");
                return true;
            }
            catch (LinkException exception) when (force && exception.Error == LinkError.NameUnavailable)
            {
                return false;
            }
        });
        await sharp!.LeaveAsync(force);
        FlicNodePeer? again = null;
        await Within.Until(async () =>
        {
            again = await meeting.AddScriptAsync("name", new { @event = "echo" });
            return again.Connected!.Type == Newtonsoft.Json.Linq.JTokenType.Null || !force;
        });

        Assert.Equal("[null,1]", await again!.TellAsync("name:event", 1));
    }

    [Fact]
    public async Task A_bridge_of_Link_closes_with_its_parting_data_for_both()
    {
        await using var meeting = await FlicMeeting.StartAsync(Side.Sharp);
        var script = await meeting.AddScriptAsync();
        var sharp = await meeting.AddSharpAsync();
        var (closed, lost) = Watch(sharp);

        await meeting.SharpBridge!.CloseAsync(new { reason = "im tired" }, 7);

        Assert.Equal(["[{\"reason\":\"im tired\"},7]"], await script.HappenedAsync("close"));
        Assert.Equal("[{\"reason\":\"im tired\"},7]", await closed.NextAsync());
        await lost.NextAsync();
        Assert.False(sharp.IsConnected);
    }

    [Fact]
    public async Task A_bridge_of_flic_closes_with_its_parting_data_and_serves_those_that_are_there()
    {
        await using var meeting = await FlicMeeting.StartAsync(Side.Script);
        await meeting.AddScriptAsync(reactions: new { @event = "echo" });
        var sharp = await meeting.AddSharpAsync();
        var (closed, lost) = Watch(sharp);

        await meeting.ScriptBridge!.CloseAsync(new Newtonsoft.Json.Linq.JArray("im tired", 7));

        Assert.Equal("[\"im tired\",7]", await closed.NextAsync());
        Assert.Equal(1, (await sharp.TellAsync("script:event", 1)).As<int>(0));
        Assert.Equal(0, lost.Count);
    }

    private static async Task<(FlicNode Node, Seen<string> Heard)> AddHearingAsync(FlicMeeting meeting, string id)
    {
        var node = await meeting.AddSharpAsync(id);
        var heard = new Seen<string>();
        node.On("news", message =>
        {
            heard.Add($"{message.Event}{message.Sender} {message.Arguments}");
            return Task.CompletedTask;
        });
        return (node, heard);
    }

    private static (Seen<string> Closed, Seen<LinkException> Lost) Watch(FlicNode node)
    {
        var (closed, lost) = (new Seen<string>(), new Seen<LinkException>());
        node.Closed += (_, e) => closed.Add(e.Parting.ToString());
        node.Disconnected += (_, e) => lost.Add(e.Error);
        return (closed, lost);
    }
}

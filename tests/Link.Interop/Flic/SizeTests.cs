using Link.Abstractions;
using Link.Flic;
using Link.Interop.Harness;

namespace Link.Interop.Flic;

/// <summary>Large frames: no limit but the options' between nodes of Link, 64 KiB where an original reads.</summary>
[Collection(FlicNodes.Name)]
public sealed class SizeTests
{
    private const int Mebi = 1024 * 1024;

    public static TheoryData<Side> Bridges => new() { Side.Sharp, Side.Script };

    [Fact]
    public async Task A_mebibyte_goes_both_ways_between_nodes_of_Link_on_a_bridge_of_Link()
    {
        await using var meeting = await FlicMeeting.StartAsync(Side.Sharp);
        var other = await meeting.AddSharpAsync("other");
        other.On("event", message => message.AcknowledgeAsync(null, message.Arguments.As<string>(0)));
        var sharp = await meeting.AddSharpAsync();

        var answer = await sharp.TellAsync("other:event", new string('x', Mebi));

        Assert.Equal(Mebi, answer.As<string>(0)!.Length);
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task Almost_64_KiB_reach_JavaScript_in_a_row_and_come_back(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        await meeting.AddScriptAsync(reactions: new { @event = "echo", small = "echo" });
        var sharp = await meeting.AddSharpAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => n % 2 == 0
            ? sharp.TellAsync("script:event", new string('x', 65_000), n)
            : sharp.TellAsync("script:small", "x", n)));

        Assert.Equal(Enumerable.Range(0, 10).Select(n => (n % 2 == 0 ? 65_000 : 1, n)), answers.Select(each => (each.As<string>(0)!.Length, each.As<int>(1))));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task What_JavaScript_cannot_read_is_refused_and_nothing_after_it_is_lost(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { @event = "echo" });
        var sharp = await meeting.AddSharpAsync();

        var refused = sharp.TellAsync("script:event", new string('x', 66_000));
        var next = await sharp.TellAsync("script:event", 1);
        var exception = await Assert.ThrowsAsync<LinkException>(() => refused);

        Assert.Equal((LinkError.TooLarge, RequestFate.NotSent), (exception.Error, exception.Fate));
        Assert.Equal(1, next.As<int>(0));
        Assert.Equal(["[1]"], await script.HappenedAsync("event"));
    }

    [Fact]
    public async Task An_answer_that_JavaScript_cannot_read_is_replaced_by_an_error_on_a_bridge_of_Link()
    {
        await using var meeting = await FlicMeeting.StartAsync(Side.Sharp);
        var sharp = await meeting.AddSharpAsync();
        sharp.On("event", message => message.AcknowledgeAsync(null, new string('x', message.Arguments.As<int>(0))));
        var script = await meeting.AddScriptAsync();

        Assert.Equal("[\"answer-too-large\"]", await script.TellAsync("sharp:event", Mebi));
        Assert.Equal("[null,\"x\"]", await script.TellAsync("sharp:event", 1));
    }

    [Fact]
    public async Task An_answer_too_large_for_an_original_bridge_is_reported_to_the_handler_and_answered_with_an_error()
    {
        await using var meeting = await FlicMeeting.StartAsync(Side.Script);
        var sharp = await meeting.AddSharpAsync();
        var refused = new Seen<LinkException>();
        sharp.On("event", async message =>
        {
            try
            {
                await message.AcknowledgeAsync(null, new string('x', Mebi));
            }
            catch (LinkException exception)
            {
                refused.Add(exception);
                throw;
            }
        });
        var script = await meeting.AddScriptAsync();

        Assert.Equal("[\"handler-failed\"]", await script.TellAsync("sharp:event"));
        Assert.Equal(LinkError.TooLarge, (await refused.NextAsync()).Error);
    }

    [Fact]
    public async Task A_mebibyte_from_JavaScript_arrives_on_a_bridge_of_Link()
    {
        await using var meeting = await FlicMeeting.StartAsync(Side.Sharp);
        await meeting.AddScriptAsync(reactions: new { @event = "large" });
        var sharp = await meeting.AddSharpAsync();

        var answer = await sharp.TellAsync("script:event", Mebi);

        Assert.Equal(Mebi, answer.As<string>(0)!.Length);
    }
}

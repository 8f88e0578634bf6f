using Link.Flic;
using Link.Interop.Harness;

namespace Link.Interop.Flic;

/// <summary>Many at once: an original loses what one of its reads cuts, so Link writes to it at a pace.</summary>
[Collection(FlicNodes.Name)]
public sealed class BurstTests
{
    private const int Many = 5_000;

    public static TheoryData<Side> Bridges => new() { Side.Sharp, Side.Script };

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task A_burst_that_nobody_waits_for_reaches_JavaScript(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { number = "count" });
        var sharp = await meeting.AddSharpAsync();

        await Task.WhenAll(Enumerable.Range(0, Many).Select(n => sharp.TellAndForgetAsync("script:number", n)));

        Assert.Equal(Many, await script.CountedAsync("number", Many));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task A_burst_that_JavaScript_answers_comes_back(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        await meeting.AddScriptAsync(reactions: new { number = "count and echo" });
        var sharp = await meeting.AddSharpAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, Many).Select(n => sharp.TellAsync("script:number", n)));

        Assert.Equal(Enumerable.Range(0, Many), answers.Select(each => each.As<int>(0)));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task Many_from_JavaScript_are_answered(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var sharp = await meeting.AddSharpAsync();
        sharp.On("number", message => message.AcknowledgeAsync(null, message.Arguments[0]));
        var script = await meeting.AddScriptAsync();

        Assert.Equal(Many, await script.TellManyAsync("sharp:number", Many, together: 100));
    }

    [Fact]
    public async Task A_burst_from_JavaScript_is_answered_on_a_bridge_of_Link()
    {
        await using var meeting = await FlicMeeting.StartAsync(Side.Sharp);
        var sharp = await meeting.AddSharpAsync();
        sharp.On("number", message => message.AcknowledgeAsync(null, message.Arguments[0]));
        var script = await meeting.AddScriptAsync();

        // While it writes them it reads none of the answers, and what it cannot then read at once is lost, so there are not more of them.
        Assert.Equal(2_000, await script.TellManyAsync("sharp:number", 2_000, together: 2_000));
    }

    [Fact]
    public async Task Bursts_of_several_nodes_reach_one_in_JavaScript_behind_a_bridge_of_Link()
    {
        await using var meeting = await FlicMeeting.StartAsync(Side.Sharp);
        var script = await meeting.AddScriptAsync(reactions: new { number = "count" });
        var sharps = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => meeting.AddSharpAsync($"sharp {n}")));

        await Task.WhenAll(Enumerable.Range(0, Many).Select(n => sharps[n % 4].TellAndForgetAsync("script:number", n)));

        Assert.Equal(Many, await script.CountedAsync("number", Many));
    }
}

using Link.Abstractions;
using Link.Flic;
using Link.Interop.Harness;
using Newtonsoft.Json.Linq;

namespace Link.Interop.Flic;

/// <summary>What is told and answered between C# and JavaScript, over a bridge of either.</summary>
[Collection(FlicNodes.Name)]
public sealed class TellTests
{
    private const string Odd = """[1,-0.5,1e+300,"é😀\u0000\u001f\"\\\u2028",true,null,[],{},{"a":[{"b":null}],"":1}]""";

    public static TheoryData<Side> Bridges => new() { Side.Sharp, Side.Script };

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task JavaScript_is_told_any_number_of_arguments(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { @event = "echo" });
        var sharp = await meeting.AddSharpAsync();

        Assert.Equal("[]", (await sharp.TellAsync("script:event")).ToString());
        Assert.Equal("[null]", (await sharp.TellAsync("script:event", null)).ToString());
        Assert.Equal("[1,\"two\",[3],{\"four\":5}]", (await sharp.TellAsync("script:event", 1, "two", new[] { 3 }, new { four = 5 })).ToString());

        Assert.Equal(["[]", "[null]", "[1,\"two\",[3],{\"four\":5}]"], await script.HappenedAsync("event", 3));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task CSharp_is_told_any_number_of_arguments(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var sharp = await meeting.AddSharpAsync();
        var told = Echo(sharp);
        var script = await meeting.AddScriptAsync();

        Assert.Equal("[null]", await script.TellAsync("sharp:event"));
        Assert.Equal("[null,null,1]", await script.TellAsync("sharp:event", FlicNodePeer.Undefined, 1));
        Assert.Equal("[null,1,\"two\",[3],{\"four\":5}]", await script.TellAsync("sharp:event", 1, "two", new[] { 3 }, new { four = 5 }));

        Assert.Equal(["script []", "script [null,1]", "script [1,\"two\",[3],{\"four\":5}]"], await told.NextAsync(3));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task Values_arrive_as_they_are_both_ways(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var values = JArray.Parse(Odd);
        await meeting.AddScriptAsync(reactions: new { @event = "echo" });
        var sharp = await meeting.AddSharpAsync();
        Echo(sharp);
        var other = await meeting.AddScriptAsync("other");

        var fromScript = await sharp.TellAsync("script:event", [.. values]);
        var fromSharp = JArray.Parse(await other.TellAsync("sharp:event", [.. values]));

        Assert.True(JToken.DeepEquals(values, JArray.Parse(fromScript.ToString())), fromScript.ToString());
        fromSharp.RemoveAt(0);
        Assert.True(JToken.DeepEquals(values, fromSharp), fromSharp.ToString());
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task The_first_of_two_answers_counts(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { @event = "twice" });
        var sharp = await meeting.AddSharpAsync();
        sharp.On("event", async message =>
        {
            await message.AcknowledgeAsync(null, "first");
            await message.AcknowledgeAsync(null, "second");
        });

        Assert.Equal("[\"first\"]", (await sharp.TellAsync("script:event")).ToString());
        Assert.Equal("[\"first\"]", (await sharp.TellAsync("script:event")).ToString());
        Assert.Equal("[null,\"first\"]", await script.TellAsync("sharp:event"));
        Assert.Equal("[null,\"first\"]", await script.TellAsync("sharp:event"));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task An_answer_without_arguments_is_an_answer(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { @event = "nothing" });
        var sharp = await meeting.AddSharpAsync();
        sharp.On("event", message => message.AcknowledgeAsync());

        Assert.Equal(0, (await sharp.TellAsync("script:event")).Count);
        Assert.Equal("[]", await script.TellAsync("sharp:event"));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task An_answer_that_begins_with_an_error_is_one(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { @event = "error" });
        var sharp = await meeting.AddSharpAsync();
        sharp.On("event", message => message.AcknowledgeAsync(message.Arguments[0]));

        var text = await Assert.ThrowsAsync<FlicException>(() => sharp.TellAsync("script:event", "out of tea"));
        var data = await Assert.ThrowsAsync<FlicException>(() => sharp.TellAsync("script:event", new { code = 7 }));

        Assert.Equal(("script", "out of tea"), (text.Node, text.Code));
        Assert.Equal((null, 7), (data.Code, (int)data.Error["code"]!));
        Assert.Equal("[\"out of tea\"]", await script.TellAsync("sharp:event", "out of tea"));
        Assert.Equal("[{\"code\":7}]", await script.TellAsync("sharp:event", new { code = 7 }));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task Nobody_of_that_name_is_told_to_both(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync();
        var sharp = await meeting.AddSharpAsync();

        var unknown = await Assert.ThrowsAsync<LinkException>(() => sharp.TellAsync("nobody:event"));

        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (unknown.Error, unknown.Fate));
        Assert.Equal("[\"unknown-node\"]", await script.TellAsync("nobody:event"));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task JavaScript_hears_of_an_event_that_CSharp_does_not_know_and_of_a_handler_that_fails(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync();
        var sharp = await meeting.AddSharpAsync();
        sharp.On("event", _ => throw new InvalidOperationException("It is broken."));

        Assert.Equal("[\"unknown-event\"]", await script.TellAsync("sharp:other"));
        Assert.Equal("[\"handler-failed\"]", await script.TellAsync("sharp:event"));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task Who_tells_without_waiting_is_heard(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { @event = "echo" });
        var sharp = await meeting.AddSharpAsync();
        var told = Echo(sharp);

        await sharp.TellAndForgetAsync("script:event", 1);
        await script.TellAndForgetAsync("sharp:event", 2);

        Assert.Equal("script [2]", await told.NextAsync());
        Assert.Equal(["[1]"], await script.HappenedAsync("event"));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task Both_may_tell_themselves(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { @event = "echo" });
        var sharp = await meeting.AddSharpAsync();
        Echo(sharp);

        Assert.Equal("[1]", (await sharp.TellAsync("sharp:event", 1)).ToString());
        Assert.Equal("[null,2]", await script.TellAsync("script:event", 2));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task CSharp_may_tell_before_it_is_connected(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        await meeting.AddScriptAsync(reactions: new { @event = "echo" });
        var sharp = meeting.Make();

        var connecting = sharp.ConnectAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => sharp.TellAsync("script:event", n)));
        await connecting;

        Assert.Equal(Enumerable.Range(0, 20), answers.Select(each => each.As<int>(0)));
    }

    [Fact]
    public async Task On_a_bridge_of_Link_JavaScript_may_tell_before_it_is_connected()
    {
        await using var meeting = await FlicMeeting.StartAsync(Side.Sharp);
        Echo(await meeting.AddSharpAsync());
        var early = Enumerable.Range(0, 20).Select(n => new { target = n % 2 == 0 ? "sharp:event" : "nobody:event", args = new[] { n } });

        var script = await meeting.AddScriptAsync(early: early);

        var answers = await script.HappenedAsync("answer", 20);
        Assert.Equal(10, answers.Count(each => each == "[\"unknown-node\"]"));
        Assert.Equal(Enumerable.Range(0, 10).Select(n => $"[null,{2 * n}]"), answers.Where(each => each != "[\"unknown-node\"]"));
    }

    private static Seen<string> Echo(FlicNode node)
    {
        var told = new Seen<string>();
        node.On("event", message =>
        {
            told.Add($"{message.Sender} {message.Arguments}");
            return message.AcknowledgeAsync([null, .. Enumerable.Range(0, message.Arguments.Count).Select(index => message.Arguments[index])]);
        });
        return told;
    }
}

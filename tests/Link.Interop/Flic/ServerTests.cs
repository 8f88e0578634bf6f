using Link.Abstractions;
using Link.Flic;
using Link.Interop.Harness;
using Newtonsoft.Json.Linq;

namespace Link.Interop.Flic;

/// <summary>A Server of Link and programs that know nothing but flic, over a bridge of either.</summary>
[Collection(FlicNodes.Name)]
public sealed class ServerTests
{
    public static TheoryData<Side> Bridges => new() { Side.Sharp, Side.Script };

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task JavaScript_asks_a_server_with_nothing_but_tell(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var server = Make(meeting);
        server.OnMessage(message => message.ReplyAsync(new { response = $"{message.Data["content"]} world!", from = message.SentBy }));
        await server.StartAsync();
        var script = await meeting.AddScriptAsync();

        var answer = JArray.Parse(await script.TellAsync("sharp:message", new { content = "Hello" }));

        Assert.Equal(JTokenType.Null, answer[0].Type);
        Assert.Equal("Hello world!", (string?)answer[1]["response"]);
        Assert.Equal("script", (string?)answer[1]["from"]);
        Assert.Equal(true, (bool?)answer[1]["success"]);
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task A_rejection_of_a_server_is_the_error_of_the_callback(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var server = Make(meeting);
        server.OnMessage(message => message.ReplyAsync(new { success = false, why = "No tea." }));
        await server.StartAsync();
        var script = await meeting.AddScriptAsync();

        var answer = Assert.Single(JArray.Parse(await script.TellAsync("sharp:message", new { content = "Hello" })));

        Assert.Equal((false, "No tea."), ((bool)answer["success"]!, (string?)answer["why"]));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task A_callback_without_an_error_resolves(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { message = "echo" });
        var server = Make(meeting);
        await server.StartAsync();

        var reply = await server.SendAsync("script", new { content = "Hello" });

        Assert.True(reply.Success);
        Assert.Equal("Hello", (string?)reply["content"]);
        Assert.Equal(["[{\"content\":\"Hello\"}]"], await script.HappenedAsync("message"));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task A_callback_with_a_plain_value_resolves_with_it(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        await meeting.AddScriptAsync(reactions: new { message = "give" }, answer: new object?[] { null, "ilovenodejs" });
        var server = Make(meeting);
        await server.StartAsync();

        var reply = await server.SendAsync("script", new { content = "Hello" });

        Assert.Equal((true, "ilovenodejs"), (reply.Success, (string?)reply["data"]));
    }

    [Theory]
    [InlineData(Side.Sharp, """["out of tea"]""", "message", "\"out of tea\"")]
    [InlineData(Side.Script, """["out of tea"]""", "message", "\"out of tea\"")]
    [InlineData(Side.Sharp, """[{"code":7}]""", "code", "7")]
    [InlineData(Side.Sharp, "[7]", "error", "7")]
    public async Task A_callback_with_an_error_rejects(Side bridge, string answer, string member, string value)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        await meeting.AddScriptAsync(reactions: new { message = "give" }, answer: JArray.Parse(answer));
        var server = Make(meeting);
        await server.StartAsync();

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => server.SendAsync("script", new { content = "Hello" }));

        Assert.Equal(value, rejected.Reply[member]!.ToString(Newtonsoft.Json.Formatting.None));
        Assert.False(rejected.Reply.Success);
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task A_server_asks_nobody_and_somebody_who_leaves(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { message = "echo" });
        var server = Make(meeting);
        await server.StartAsync();

        var nobody = await Assert.ThrowsAsync<LinkException>(() => server.SendAsync("nobody", new { n = 1 }));
        await server.SendAsync("script", new { n = 2 });
        await script.LeaveAsync();
        var left = await Assert.ThrowsAsync<LinkException>(() => server.SendAsync("script", new { n = 3 }));

        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (nobody.Error, nobody.Fate));
        Assert.Equal(LinkError.NoSuchPeer, left.Error);
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task Two_servers_ask_each_other(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        var (one, two) = (Make(meeting, "one"), Make(meeting, "two"));
        foreach (var server in new[] { one, two })
        {
            server.OnMessage(message => message.ReplyAsync(new { echo = message.Data, by = server.Name }));
            await server.StartAsync();
        }

        var replies = await Task.WhenAll(one.SendAsync("two", new { n = 1 }), two.SendAsync("one", new { n = 2 }));

        Assert.Equal([("two", 1), ("one", 2)], replies.Select(reply => ((string)reply["by"]!, (int)reply["echo"]!["n"]!)));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task Many_requests_at_once_all_come_back_from_JavaScript(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartAsync(bridge);
        await meeting.AddScriptAsync(reactions: new { message = "echo" });
        var server = Make(meeting);
        await server.StartAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(n => server.SendAsync("script", new { n })));

        Assert.Equal(Enumerable.Range(0, 2_000), replies.Select(reply => (int)reply["n"]!));
    }

    [Theory]
    [MemberData(nameof(Bridges))]
    public async Task A_bridge_that_is_killed_fails_the_requests_that_wait(Side bridge)
    {
        await using var meeting = await FlicMeeting.StartApartAsync(bridge);
        var script = await meeting.AddScriptAsync(reactions: new { message = "none" });
        var server = Make(meeting);
        await server.StartAsync();
        var waiting = server.SendAsync("script", new { n = 1 });
        await script.HappenedAsync("message");

        await meeting.KillBridgeAsync();

        var failed = await Assert.ThrowsAsync<LinkException>(() => waiting);
        Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (failed.Error, failed.Fate));
    }

    private static Server Make(FlicMeeting meeting, string name = "sharp") =>
        meeting.Keep(new Server(name, new ServerOptions { AllowMultiple = true, Transport = new FlicTransport(meeting.Options()) }));
}

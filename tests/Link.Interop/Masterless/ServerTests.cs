using Link.Abstractions;
using Link.Interop.Harness;
using Link.Masterless;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Interop.Masterless;

/// <summary>A Server of Link and programs that know nothing but masterless.</summary>
[Collection(MeshNodes.Name)]
public sealed class ServerTests
{
    public static TheoryData<MeshFormat> Formats => MeshMeeting.Formats;

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_answers_a_server_with_nothing_but_send(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var script = await meeting.AddScriptAsync(reaction: "answer");
        var (server, _) = await StartAsync(meeting, script);

        var reply = await server.SendAsync("script", new { content = "Hello" });

        Assert.Equal((true, "Hello world!", "Hello"), (reply.Success, (string?)reply["response"], (string?)reply["echo"]!["content"]));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_request_is_an_ordinary_packet(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var script = await meeting.AddScriptAsync();
        var (server, _) = await StartAsync(meeting, script);

        var asked = server.SendAsync("script", new { content = "Hello" });
        var message = Assert.Single(await script.HappenedAsync("message"));
        var packet = (JObject)message["packet"]!;
        await script.SendAsync("sharp", new { id = packet["id"], success = true, data = 7 });

        Assert.Equal("sharp", (string?)message["sender"]);
        Assert.Equal(["id", "sentBy", "data"], packet.Properties().Select(property => property.Name));
        Assert.Equal(("sharp", "Hello"), ((string?)packet["sentBy"], (string?)packet["data"]!["content"]));
        Assert.Equal(7, (int)(await asked)["data"]!);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_rejects_with_success_false(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var script = await meeting.AddScriptAsync(reaction: "reject");
        var (server, _) = await StartAsync(meeting, script);

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => server.SendAsync("script", new { content = "Hello" }));

        Assert.Equal((false, "No tea."), (rejected.Reply.Success, (string?)rejected.Reply["why"]));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_asks_a_server_with_nothing_but_send(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (server, transport) = await StartAsync(meeting);
        server.OnMessage(message => message.ReplyAsync(new { response = $"{message.Data["content"]} world!", asker = message.Peer.Name }));
        var script = await meeting.AddScriptAsync();
        Assert.Equal("sharp", await script.ConnectAsync(transport.Info!));

        var answer = await script.CallAsync("ask", "sharp", "question", new { content = "Hello" });

        Assert.Equal(("question", true), ((string?)answer!["id"], (bool?)answer["success"]));
        Assert.Equal(("Hello world!", "script"), ((string?)answer["response"], (string?)answer["asker"]));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_server_rejects_with_success_false(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (server, transport) = await StartAsync(meeting);
        server.OnMessage(message => message.ReplyAsync(new { success = false, why = "No tea." }));
        var script = await meeting.AddScriptAsync();
        await script.ConnectAsync(transport.Info!);

        var answer = await script.CallAsync("ask", "sharp", "question", new { content = "Hello" });

        Assert.Equal(("question", false, "No tea."), ((string?)answer!["id"], (bool?)answer["success"], (string?)answer["why"]));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_server_asks_whoever_has_connected_and_nobody_else(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (server, transport) = await StartAsync(meeting);
        var script = await meeting.AddScriptAsync(reaction: "answer");
        var connected = new Seen<string?>();
        server.PeerConnected += (_, e) => connected.Add(e.Peer.Name);

        var early = await Assert.ThrowsAsync<LinkException>(() => server.SendAsync("script", new { content = "Hello" }));
        await script.ConnectAsync(transport.Info!);
        Assert.Equal("script", await connected.NextAsync());
        var reply = await server.SendAsync("script", new { content = "Hello" });

        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (early.Error, early.Fate));
        Assert.Equal("Hello world!", (string?)reply["response"]);
        Assert.Equal(1, await script.CountAsync("connect"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Many_requests_go_both_ways_at_once(MeshFormat format)
    {
        const int Count = 1_000;
        await using var meeting = new MeshMeeting(format);
        var script = await meeting.AddScriptAsync(reaction: "answer");
        var (server, _) = await StartAsync(meeting, script);
        server.OnMessage(message => message.ReplyAsync(new { echo = message.Data }));
        await server.SendAsync("script", new { n = -1 });

        var theirs = script.CallAsync("askMany", "sharp", Count);
        var ours = await Task.WhenAll(Enumerable.Range(0, Count).Select(n => server.SendAsync("script", new { n })));

        Assert.Equal(Enumerable.Range(0, Count), ours.Select(reply => (int)reply["echo"]!["n"]!));
        Assert.Equal(Count, (int)(await theirs)!);
        await script.CallAsync("socketsAre", 1);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_that_is_killed_fails_the_requests_that_wait_and_answers_when_it_is_there_again(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var script = await meeting.AddScriptAsync();
        var (server, _) = await StartAsync(meeting, script);
        var waiting = Enumerable.Range(0, 10).Select(n => server.SendAsync("script", new { n })).ToArray();
        await script.HappenedAsync("message", waiting.Length);

        await meeting.KillScriptsAsync();

        foreach (var request in waiting)
        {
            var lost = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(request, TimeSpan.FromSeconds(20)));
            Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (lost.Error, lost.Fate));
        }

        var gone = await Assert.ThrowsAsync<LinkException>(() => server.SendAsync("script", new { content = "Hello" }));
        Assert.Equal(RequestFate.NotSent, gone.Fate);
        await meeting.AddScriptAsync(reaction: "answer", port: new Uri(script.Info).Port);
        Assert.Equal("Hello world!", (string?)(await server.SendAsync("script", new { content = "Hello" }))["response"]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_that_begins_again_answers_the_next_request(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var script = await meeting.AddScriptAsync(reaction: "answer");
        var (server, _) = await StartAsync(meeting, script);
        var lost = new Seen<string?>();
        server.PeerDisconnected += (_, e) => lost.Add(e.Peer.Name);
        await server.SendAsync("script", new { content = "Hello" });

        await script.RestartAsync();
        Assert.Equal("script", await lost.NextAsync());

        Assert.Equal("Hello world!", (string?)(await server.SendAsync("script", new { content = "Hello" }))["response"]);
    }

    private static async Task<(Server Server, MeshTransport Transport)> StartAsync(MeshMeeting meeting, MeshPeer? peer = null)
    {
        var peers = peer is null ? [] : new Dictionary<string, string> { [peer.Id] = peer.Info };
        var transport = new MeshTransport(meeting.Options with { Peers = peers });
        var server = meeting.Keep(new Server("sharp", new ServerOptions { AllowMultiple = true, Transport = transport }));
        await server.StartAsync();
        return (server, transport);
    }
}

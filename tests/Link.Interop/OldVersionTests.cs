using System.Net.Sockets;
using Link.Abstractions;
using Link.Interop.Harness;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Interop;

/// <summary>
/// The node-ipc of the time when the protocol was young. It greets who connects with two frames of its own, which are no messages of
/// ipc-link, and ends on input that the later version forgives.
/// </summary>
[Collection(FirstNode.Name)]
public sealed class OldVersionTests
{
    private const int Many = 500;

    public static TheoryData<Over> Streams => [Over.Unix, Over.Tcp];

    [Fact]
    public async Task It_greets_with_two_frames()
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync(version: NodeModules.OldVersion);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint($"{meeting.SocketRoot}app.{Meeting.Node}"));
        using var reader = new StreamReader(new NetworkStream(socket));

        var greeting = "";
        while (greeting.Count(letter => letter == '\f') < 2)
        {
            var letter = new char[1];
            Assert.Equal(1, await Within.Deadline(reader.ReadAsync(letter)));
            greeting += letter[0];
        }

        Assert.Equal(
            ["events.broadcasting", "events.listening"],
            greeting.Split('\f', StringSplitOptions.RemoveEmptyEntries).Select(frame => (string?)JObject.Parse(frame)["type"]));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task It_answers_our_requests_and_its_greeting_is_passed_over(Over over)
    {
        await using var meeting = await Meeting.StartAsync(over: over);
        await meeting.AddServingPeerAsync(version: NodeModules.OldVersion);

        var replies = await Task.WhenAll(Enumerable.Range(0, Many).Select(n => meeting.Server.SendAsync(Meeting.Node, new { n, text = "é漢😀\f" })));

        Assert.All(replies.Select((reply, n) => (reply, n)), answer => Assert.Equal(answer.n, (int?)answer.reply["echo"]!["n"]));
        Assert.All(replies, reply => Assert.Equal("é漢😀\f", (string?)reply["echo"]!["text"]));
        Assert.Equal(0, meeting.Server.Statistics.TransportFaults);
        Assert.Equal(0, meeting.Server.Statistics.UnknownReplies);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task We_answer_its_requests(Over over)
    {
        await using var meeting = await Meeting.WithEchoingServerAsync(over: over);
        var node = await meeting.AddPeerAsync(version: NodeModules.OldVersion);

        var told = await node.SendManyAsync(Meeting.Sharp, Many);

        Assert.True(Many == (int?)told["right"], $"Right: {told["right"]}; the first wrong one: {told["firstWrong"]}");
        Assert.Equal(0, meeting.Server.Statistics.TransportFaults);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Its_death_fails_pending_requests(Over over)
    {
        await using var meeting = await Meeting.StartAsync(over: over);
        var node = await meeting.AddServingPeerAsync(rule: new { kind = "hold" }, version: NodeModules.OldVersion);
        var pending = meeting.Server.SendAsync(Meeting.Node, new { });
        await node.ReceivedAsync(1);

        await meeting.Process.KillAsync();

        Assert.Equal(LinkError.ConnectionLost, (await Assert.ThrowsAsync<LinkException>(() => pending)).Error);
    }

    [Fact]
    public async Task Nothing_that_we_write_ends_it()
    {
        await using var meeting = await Meeting.StartAsync();
        meeting.Server.OnMessage(new Func<Message, Task>(message => (string?)message.Data["do"] switch
        {
            "throw" => throw new InvalidOperationException("no"),
            "list" => message.ReplyAsync(new[] { 1 }, success: true),
            _ => message.ReplyAsync(null, success: false),
        }));
        await meeting.Server.StartAsync();
        var node = await meeting.AddServingPeerAsync(version: NodeModules.OldVersion);

        foreach (var what in new[] { "throw", "list", "null" })
        {
            await node.SendAsync(Meeting.Sharp, new { @do = what });
            await meeting.Server.SendAsync(Meeting.Node, new { @do = what });
        }

        await meeting.NodeIsAliveAsync();
    }
}

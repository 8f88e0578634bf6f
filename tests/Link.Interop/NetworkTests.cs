using Link.Abstractions;
using Link.Interop.Harness;
using Newtonsoft.Json.Linq;

namespace Link.Interop;

/// <summary>The same requests and replies over TCP, TLS and mutual TLS.</summary>
[Collection(FirstNode.Name)]
public sealed class NetworkTests
{
    private const int Many = 2000;
    private const int MebibyteInChars = 1024 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static TheoryData<Over> Streams => [Over.Tcp, Over.Tls, Over.MutualTls];

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Node_answers_a_request_of_ours(Over over)
    {
        await using var meeting = await Meeting.StartAsync(over: over);
        var node = await meeting.AddServingPeerAsync();

        var reply = await meeting.Server.SendAsync(Meeting.Node, new { content = "é漢😀\f" });

        Assert.Equal("é漢😀\f", (string?)reply["echo"]!["content"]);
        Assert.Equal(Meeting.Sharp, (string?)Assert.Single(await node.ReceivedAsync(1))["sentBy"]);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task We_answer_a_request_of_Node(Over over)
    {
        await using var meeting = await Meeting.WithEchoingServerAsync(over: over);
        var node = await meeting.AddPeerAsync();

        var outcome = await node.SendAsync(Meeting.Sharp, new { content = "é漢😀\f" });

        Assert.True(outcome.IsResolved);
        Assert.Equal("é漢😀\f", (string?)outcome.Value["echo"]!["content"]);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_mebibyte_goes_through_both_ways_whoever_asks(Over over)
    {
        await using var meeting = await Meeting.WithEchoingServerAsync(over: over);
        var node = await meeting.AddServingPeerAsync();
        var text = string.Concat(Enumerable.Repeat("0123456789é\"\\\f漢 ", MebibyteInChars / 16));

        var ours = await meeting.Server.SendAsync(Meeting.Node, new { text });
        var theirs = await node.SendAsync(Meeting.Sharp, new { text });

        Assert.True(text == (string?)ours["echo"]!["text"], "Another text came back to us.");
        Assert.True(text == (string?)theirs.Value["echo"]!["text"], "Another text came back to Node.");
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Many_requests_in_each_direction_at_once_each_get_their_own_answer(Over over)
    {
        await using var meeting = await Meeting.WithEchoingServerAsync(over: over);
        var node = await meeting.AddServingPeerAsync();

        var theirs = node.SendManyAsync(Meeting.Sharp, Many);
        var ours = await Task.WhenAll(Enumerable.Range(0, Many).Select(n => meeting.Server.SendAsync(Meeting.Node, new { n }))).WaitAsync(Deadline);

        Assert.All(ours.Select((reply, n) => (reply, n)), answer => Assert.Equal(answer.n, (int?)answer.reply["echo"]!["n"]));
        var told = await theirs;
        Assert.True(Many == (int?)told["right"], $"Right: {told["right"]}; the first wrong one: {told["firstWrong"]}");
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_Node_peer_that_dies_fails_its_pending_requests_and_once_back_answers_the_next(Over over)
    {
        await using var meeting = await Meeting.StartAsync(over: over);
        var node = await meeting.AddServingPeerAsync(rule: new { kind = "hold" });
        var pending = Enumerable.Range(0, 100).Select(n => meeting.Server.SendAsync(Meeting.Node, new { n })).ToArray();
        await node.ReceivedAsync(pending.Length);

        await meeting.Process.KillAsync();

        foreach (var request in pending)
        {
            var lost = await Assert.ThrowsAsync<LinkException>(() => request.WaitAsync(Deadline));
            Assert.Equal(LinkError.ConnectionLost, lost.Error);
            Assert.Equal(RequestFate.Unknown, lost.Fate);
        }

        await meeting.ReplaceNodeAsync();
        await meeting.AddServingPeerAsync();
        Assert.Equal("back", (string?)(await meeting.Server.SendAsync(Meeting.Node, new { are = "back" }))["echo"]!["are"]);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_Node_client_comes_back_to_a_server_that_was_started_anew(Over over)
    {
        await using var meeting = await Meeting.WithEchoingServerAsync(over: over);
        var node = await meeting.AddPeerAsync();
        await node.SendAsync(Meeting.Sharp, new { n = 1 });

        await meeting.Server.DisposeAsync();
        await using var successor = meeting.MakeServer();
        successor.OnMessage(message => message.ReplyAsync(new { by = "successor" }));
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        successor.PeerConnected += (_, _) => connected.TrySetResult();
        await successor.StartAsync();
        await connected.Task.WaitAsync(Deadline);

        Assert.Equal("successor", (string?)(await node.SendAsync(Meeting.Sharp, new { n = 2 })).Value["by"]);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Each_side_knows_what_the_other_one_showed(Over over)
    {
        await using var meeting = await Meeting.StartAsync(over: over);
        Peer? caller = null;
        meeting.Server.OnMessage(message =>
        {
            caller = message.Peer;
            return message.ReplyAsync(new { });
        });
        await meeting.Server.StartAsync();
        var node = await meeting.AddServingPeerAsync();

        await node.SendAsync(Meeting.Sharp, new { });
        var called = await meeting.Server.ConnectToAsync(Meeting.Node);

        Assert.Equal(over == Over.MutualTls ? "CN=peer" : null, caller!.CertificateSubject);
        Assert.Equal(over == Over.Tcp ? null : "CN=peer", called.CertificateSubject);
        Assert.Null(caller.ProcessId);
    }
}

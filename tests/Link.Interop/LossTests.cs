using Link.Abstractions;
using Link.Interop.Harness;

namespace Link.Interop;

/// <summary>Peers that die, come back, come late, or stop listening.</summary>
[Collection(SecondNode.Name)]
public sealed class LossTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_Node_peer_that_dies_fails_its_pending_requests_and_once_back_answers_the_next()
    {
        await using var meeting = await Meeting.StartAsync();
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

    [Fact]
    public async Task A_dead_Node_peer_fails_the_next_request_at_once()
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync();
        await meeting.Server.SendAsync(Meeting.Node, new { });
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        meeting.Server.PeerDisconnected += (_, _) => gone.TrySetResult();

        await meeting.Process.KillAsync();
        await gone.Task.WaitAsync(Deadline);

        var missing = await Assert.ThrowsAsync<LinkException>(() => meeting.Server.SendAsync(Meeting.Node, new { }));
        Assert.Equal(LinkError.NoSuchPeer, missing.Error);
        Assert.Equal(RequestFate.NotSent, missing.Fate);
    }

    [Fact]
    public async Task A_Node_server_that_starts_late_is_waited_for()
    {
        await using var meeting = await Meeting.StartAsync(options => options with
        {
            WaitForPeer = Deadline,
            Retry = TimeSpan.FromMilliseconds(20),
        });
        var node = await meeting.AddPeerAsync();

        var request = meeting.Server.SendAsync(Meeting.Node, new { n = 1 });
        await meeting.NodeIsAliveAsync();
        Assert.False(request.IsCompleted);
        await node.ServeAsync();

        Assert.Equal(1, (int?)(await request.WaitAsync(Deadline))["echo"]!["n"]);
    }

    [Fact]
    public async Task Our_late_server_is_found_by_the_Node_client_that_kept_trying()
    {
        await using var meeting = await Meeting.StartAsync();
        meeting.Server.OnMessage(message => message.ReplyAsync(new { echo = message.Data }));
        var node = await meeting.AddPeerAsync();
        var connected = WhenPeerConnects(meeting.Server);

        var refused = await node.SendAsync(Meeting.Sharp, new { n = 1 });
        await meeting.Server.StartAsync();
        await connected.WaitAsync(Deadline);
        var answered = await node.SendAsync(Meeting.Sharp, new { n = 2 });

        Assert.False(refused.IsResolved);
        Assert.Equal("Could not connect to sharp", (string?)refused.Value);
        Assert.Equal(2, (int?)answered.Value["echo"]!["n"]);
    }

    [Fact]
    public async Task A_Node_peer_that_stops_listening_keeps_our_connection()
    {
        await using var meeting = await Meeting.StartAsync();
        var node = await meeting.AddServingPeerAsync();
        await meeting.Server.SendAsync(Meeting.Node, new { n = 1 });

        await node.StopAsync();
        var reply = await meeting.Server.SendAsync(Meeting.Node, new { n = 2 });

        Assert.Equal(2, (int?)reply["echo"]!["n"]);
    }

    [Fact]
    public async Task When_we_stop_listening_a_Node_client_keeps_its_connection()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync();
        var node = await meeting.AddPeerAsync();
        await node.SendAsync(Meeting.Sharp, new { n = 1 });

        await meeting.Server.StopAsync();
        var outcome = await node.SendAsync(Meeting.Sharp, new { n = 2 });

        Assert.Equal(2, (int?)outcome.Value["echo"]!["n"]);
    }

    [Fact]
    public async Task A_Node_client_comes_back_to_a_server_that_was_started_anew()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync();
        var node = await meeting.AddPeerAsync();
        await node.SendAsync(Meeting.Sharp, new { n = 1 });

        await meeting.Server.DisposeAsync();
        await using var successor = meeting.MakeServer();
        successor.OnMessage(message => message.ReplyAsync(new { by = "successor" }));
        var connected = WhenPeerConnects(successor);
        await successor.StartAsync();
        await connected.WaitAsync(Deadline);
        var outcome = await node.SendAsync(Meeting.Sharp, new { n = 2 });

        Assert.Equal("successor", (string?)outcome.Value["by"]);
    }

    [Fact]
    public async Task A_Node_client_that_hangs_up_leaves_others_alone()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync();
        var leaver = await meeting.AddPeerAsync("leaver");
        var stayer = await meeting.AddPeerAsync("stayer");
        await leaver.SendAsync(Meeting.Sharp, new { });
        await stayer.SendAsync(Meeting.Sharp, new { });
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        meeting.Server.PeerDisconnected += (_, _) => gone.TrySetResult();

        await leaver.DisconnectAsync(Meeting.Sharp);
        await gone.Task.WaitAsync(Deadline);

        Assert.True((await stayer.SendAsync(Meeting.Sharp, new { })).IsResolved);
    }

    private static Task WhenPeerConnects(Server server)
    {
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.PeerConnected += (_, _) => connected.TrySetResult();
        return connected.Task;
    }
}

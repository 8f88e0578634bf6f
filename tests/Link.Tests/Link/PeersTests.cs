using Link.Abstractions;
using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests;

public sealed class PeersTests : ServerTest
{
    [Fact]
    public async Task A_peer_is_connected_to_once()
    {
        await StartAsync("peer", Echo);
        var caller = Create("caller");
        Assert.False(caller.HasPeer("peer"));
        Assert.Empty(caller.Peers);
        var peer = await Within.Deadline(caller.ConnectToAsync("peer"));
        Assert.Equal(("peer", true), (peer.Name, peer.IsDialled));
        Assert.Same(peer, await Within.Deadline(caller.ConnectToAsync("peer")));
        await Within.Deadline(caller.SendAsync("peer", new { }));
        Assert.True(caller.HasPeer("peer"));
        Assert.Same(peer, Assert.Single(caller.Peers));
    }

    [Fact]
    public async Task Who_dialled_this_server_is_not_among_its_peers()
    {
        var peer = await StartAsync("peer", Echo);
        await Within.Deadline(Create("caller").SendAsync("peer", new { }));
        Assert.Empty(peer.Peers);
        Assert.False(peer.HasPeer("caller"));
    }

    [Fact]
    public async Task A_disconnected_peer_is_gone_and_may_be_dialled_again()
    {
        await StartAsync("peer", Echo);
        var caller = Create("caller");
        Assert.False(await Within.Deadline(caller.DisconnectAsync("peer")));
        var first = await Within.Deadline(caller.ConnectToAsync("peer"));
        Assert.True(await Within.Deadline(caller.DisconnectAsync("peer")));
        Assert.False(caller.HasPeer("peer"));
        Assert.Empty(caller.Peers);
        Assert.False(await Within.Deadline(caller.DisconnectAsync("peer")));
        Assert.NotSame(first, await Within.Deadline(caller.ConnectToAsync("peer")));
    }

    [Fact]
    public async Task A_peer_that_is_missing_is_not_a_peer()
    {
        var caller = Create("caller");
        await FailsAsync(LinkError.NoSuchPeer, RequestFate.NotSent, () => caller.ConnectToAsync("peer"));
        Assert.False(caller.HasPeer("peer"));
        await StartAsync("peer", Echo);
        await Within.Deadline(caller.ConnectToAsync("peer"));
    }

    [Fact]
    public async Task A_peer_that_came_back_is_dialled_again()
    {
        var caller = Create("caller");
        for (var round = 0; round < 50; round++)
        {
            var peer = await StartAsync("peer", Echo);
            Assert.True((await Within.Deadline(caller.SendAsync("peer", new { }))).Success);
            await Within.Deadline(peer.DisposeAsync());
            await Within.Until(() => !caller.HasPeer("peer"));
        }
    }

    [Fact]
    public async Task Calls_that_come_at_once_share_one_dial()
    {
        var connection = new FakeConnection("peer");
        var connected = new TaskCompletionSource<IConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = new FakeTransport((_, _) => connected.Task);
        var caller = Create("caller", Options() with { Transport = transport.Object });
        var calls = Enumerable.Range(0, 16).Select(_ => Task.Run(() => caller.SendAsync("peer", new { }))).ToList();
        var connecting = caller.ConnectToAsync("peer");
        Assert.False(caller.HasPeer("peer"));
        await transport.Attempted.NextAsync();
        connected.SetResult(connection);
        foreach (var _ in calls)
        {
            connection.Answer((await connection.Written.NextAsync()).Id);
        }

        await Within.Deadline(Task.WhenAll(calls));
        Assert.Same(connection.Peer, await Within.Deadline(connecting));
        Assert.Equal(1, transport.Attempts);
    }

    [Fact]
    public async Task Calls_that_share_a_dial_share_its_failure()
    {
        var connected = new TaskCompletionSource<IConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = new FakeTransport((_, _) => connected.Task);
        var caller = Create("caller", Options() with { Transport = transport.Object });
        var calls = Enumerable.Range(0, 4).Select(_ => caller.SendAsync("peer", new { })).ToList();
        connected.SetException(new LinkException(LinkError.NoSuchPeer, "Nobody is there."));
        foreach (var call in calls)
        {
            await FailsAsync(LinkError.NoSuchPeer, RequestFate.NotSent, () => call);
        }

        Assert.Equal(1, transport.Attempts);
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_the_dial_to_the_others()
    {
        var connection = new FakeConnection("peer");
        var connected = new TaskCompletionSource<IConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = new FakeTransport((_, _) => connected.Task);
        var caller = Create("caller", Options() with { Transport = transport.Object });
        using var cancellation = new CancellationTokenSource();
        var impatient = caller.SendAsync("peer", new { }, cancellation.Token);
        var patient = caller.SendAsync("peer", new { });
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(impatient));
        connected.SetResult(connection);
        connection.Answer((await connection.Written.NextAsync()).Id);
        await Within.Deadline(patient);
        Assert.Equal(1, transport.Attempts);
    }

    [Fact]
    public async Task Whoever_learns_of_a_loss_may_send_at_once()
    {
        for (var round = 0; round < 50; round++)
        {
            var connections = (FakeConnection[])[new("peer"), new("peer")];
            await using var caller = new Server("caller", Options() with { Transport = new FakeTransport(connections).Object });
            var call = caller.SendAsync("peer", new { });
            await connections[0].Written.NextAsync();
            connections[0].End();
            await FailsAsync(LinkError.ConnectionLost, RequestFate.Unknown, () => call);
            var again = caller.SendAsync("peer", new { });
            connections[1].Answer((await connections[1].Written.NextAsync()).Id);
            await Within.Deadline(again);
        }
    }
}

using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>Many connections, at once or one after the other.</summary>
public sealed class CrowdTests
{
    [Fact]
    public async Task A_thousand_idle_connections_leave_the_others_served()
    {
        const int Count = 1000;
        await using var bench = new Bench();
        var server = bench.Create("server");
        server.OnMessage(message => message.ReplyAsync(new { }));
        var connected = new CountdownEvent(Count);
        server.PeerConnected += (_, _) =>
        {
            if (!connected.IsSet)
            {
                connected.Signal();
            }
        };
        await server.StartAsync();
        for (var idle = 0; idle < Count; idle++)
        {
            await bench.DialAsync("server");
        }

        await Task.Run(() => Assert.True(connected.Wait(Within.Default)));
        using var peer = await bench.DialAsync("server");
        for (var id = 0; id < 100; id++)
        {
            await peer.SendAsync(Frames.Request($"{id}", "{}"));
            Assert.Equal(id, (int?)(await peer.ReadMessageAsync())["id"]);
        }

        Assert.Equal(0, server.Statistics.TransportFaults);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_at_once_and_there_is_room_again_when_one_ends()
    {
        await using var bench = new Bench();
        var server = bench.Create("server", options => options with { MaxConnections = 2 });
        var events = new Recorder(server);
        server.OnMessage(message => message.ReplyAsync(new { }));
        await server.StartAsync();
        using var first = await bench.DialAsync("server");
        using var second = await bench.DialAsync("server");
        using var third = await bench.DialAsync("server");
        await third.WaitForEndAsync();
        Assert.Equal(LinkError.Overloaded, (await events.NextFaultAsync()).Error);

        second.Dispose();
        await events.NextDisconnectedAsync();
        using var fourth = await bench.DialAsync("server");
        foreach (var peer in new[] { first, fourth })
        {
            await peer.SendAsync(Frames.Request("1", "{}"));
            Assert.Equal(1, (int?)(await peer.ReadMessageAsync())["id"]);
        }
    }

    [Fact]
    public async Task Connecting_and_closing_in_a_tight_loop_leaves_no_accepted_connection_behind()
    {
        const int Count = 2000;
        await using var bench = new Bench();
        var server = await bench.StartEchoAsync("server", options => options with { MaxConnections = 8 });
        var counts = new ConnectionCounts(server);
        var before = SocketsOf(bench);
        for (var round = 0; round < Count; round++)
        {
            using var peer = await RawPeer.DialAsync(bench.PathOf("server"));
            if (round % 2 == 0)
            {
                await peer.TrySendAsync(Frames.Bytes(Frames.Request("1", "{}")));
            }
        }

        // Some came faster than those before them left, and were closed at once; the rest have come and gone.
        await Within.Until(() => counts.Connected + server.Statistics.TransportFaults >= Count && counts.Connected == counts.Disconnected);
        await Within.Until(() => SocketsOf(bench) == before);
        await Within.Until(() => server.Statistics.RunningHandlers == 0);
        using var last = await bench.DialAsync("server");
        await last.SendAsync(Frames.Request("1", "{}"));
        Assert.Equal(1, (int?)(await last.ReadMessageAsync())["id"]);
    }

    [Fact]
    public async Task Dialling_a_peer_that_closes_at_once_in_a_tight_loop_leaves_nothing_behind()
    {
        const int Count = 1000;
        await using var bench = new Bench();
        var server = bench.Create("server", options => options with { MaxConnections = Count / 4 });
        var counts = new ConnectionCounts(server);
        using var listener = bench.Listen("peer");
        for (var round = 0; round < Count; round++)
        {
            var sending = server.SendAsync("peer", new { });
            (await listener.AcceptAsync()).Dispose();
            var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(sending));
            Assert.Equal(LinkError.ConnectionLost, exception.Error);
        }

        await Within.Until(() => counts.Disconnected >= Count);
        Assert.Equal((Count, Count), (counts.Connected, counts.Disconnected));
        Assert.Equal(0, server.Statistics.PendingRequests);
        Assert.Empty(server.Peers);
    }

    [Fact]
    public async Task Connecting_and_disconnecting_in_a_tight_loop_tells_each_connection_once()
    {
        const int Count = 500;
        await using var bench = new Bench();
        var listening = await bench.StartEchoAsync("listening");
        var server = bench.Create("server");
        var (near, far) = (new ConnectionCounts(server), new ConnectionCounts(listening));
        for (var round = 0; round < Count; round++)
        {
            await Within.Deadline(server.ConnectToAsync("listening"));
            Assert.True(await Within.Deadline(server.DisconnectAsync("listening")));
        }

        await Within.Until(() => near.Disconnected >= Count && far.Disconnected >= Count);
        Assert.Equal((Count, Count, Count, Count), (near.Connected, near.Disconnected, far.Connected, far.Disconnected));
        Assert.Equal(0, server.Statistics.LostEvents);
    }

    /// <summary>How many sockets of the kernel belong to this bench.</summary>
    private static int SocketsOf(Bench bench) =>
        File.ReadLines("/proc/net/unix").Count(line => line.Contains(bench.Directory.Path, StringComparison.Ordinal));

    private sealed class ConnectionCounts
    {
        private int _connected;
        private int _disconnected;

        public ConnectionCounts(Server server)
        {
            server.PeerConnected += (_, _) => Interlocked.Increment(ref _connected);
            server.PeerDisconnected += (_, _) => Interlocked.Increment(ref _disconnected);
        }

        public int Connected => Volatile.Read(ref _connected);

        public int Disconnected => Volatile.Read(ref _disconnected);
    }
}

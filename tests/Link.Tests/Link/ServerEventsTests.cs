using Link.Abstractions;
using Link.InMemory;
using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests;

public sealed class ServerEventsTests : ServerTest
{
    [Fact]
    public async Task Both_sides_are_told_that_a_peer_connected_and_disconnected()
    {
        var peer = Create("peer");
        var caller = await StartAsync("caller");
        var (atPeer, atCaller) = (Recorded(peer), Recorded(caller));
        await Within.Deadline(peer.StartAsync());
        await Within.Deadline(caller.ConnectToAsync("peer"));
        Assert.Equal(("connected", "peer", true, null), await atCaller.NextAsync());
        Assert.Equal(("connected", "caller", false, null), await atPeer.NextAsync());

        Assert.True(await Within.Deadline(caller.DisconnectAsync("peer")));
        Assert.Equal(("disconnected", "peer", true, LinkError.ConnectionLost), await atCaller.NextAsync());
        Assert.Equal(("disconnected", "caller", false, null), await atPeer.NextAsync());
    }

    [Fact]
    public async Task What_a_handler_throws_is_told_with_its_peer()
    {
        var failure = new InvalidTimeZoneException("broken");
        var peer = await StartAsync("peer", _ => throw failure);
        var errors = new Inbox<ServerErrorEventArgs>();
        peer.Error += (_, e) => errors.Put(e);
        var caller = await StartAsync("caller");
        await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(caller.SendAsync("peer", new { })));
        var told = await errors.NextAsync();
        Assert.Same(failure, told.Error);
        Assert.Equal("caller", told.Peer!.Name);
    }

    [Fact]
    public async Task A_fault_of_the_transport_is_told_and_counted()
    {
        var peer = await StartAsync("peer", Echo, Options(new InMemoryOptions { MaxConnections = 1 }));
        var errors = new Inbox<ServerErrorEventArgs>();
        peer.Error += (_, e) => errors.Put(e);
        await Within.Deadline(Create("first").ConnectToAsync("peer"));
        await FailsAsync(LinkError.Overloaded, RequestFate.NotSent, () => Create("second").ConnectToAsync("peer"));
        var told = await errors.NextAsync();
        Assert.Equal(LinkError.Overloaded, Assert.IsType<LinkException>(told.Error).Error);
        Assert.Null(told.Peer);
        Assert.Equal(1, peer.Statistics.TransportFaults);
    }

    [Fact]
    public async Task A_broken_protocol_is_told_as_an_error_and_with_the_disconnection()
    {
        var connection = new FakeConnection("peer");
        var server = Create("one", Options() with { Transport = new FakeTransport(connection).Object });
        var errors = new Inbox<ServerErrorEventArgs>();
        server.Error += (_, e) => errors.Put(e);
        var events = Recorded(server);
        await Within.Deadline(server.ConnectToAsync("peer"));
        Assert.Equal(("connected", "peer", true, null), await events.NextAsync());
        connection.End(new LinkException(LinkError.ProtocolViolation, "Malformed.", RequestFate.Unknown, connection.Peer));
        Assert.Equal(("disconnected", "peer", true, LinkError.ProtocolViolation), await events.NextAsync());
        var told = await errors.NextAsync();
        Assert.Equal(LinkError.ProtocolViolation, Assert.IsType<LinkException>(told.Error).Error);
        Assert.Same(connection.Peer, told.Peer);
    }

    [Fact]
    public async Task A_defect_of_a_transport_ends_only_its_connection()
    {
        var broken = new FakeConnection("peer");
        var next = new FakeConnection("peer");
        var server = Create("one", Options() with { Transport = new FakeTransport(broken, next).Object });
        var call = server.SendAsync("peer", new { });
        await broken.Written.NextAsync();
        broken.End(new InvalidTimeZoneException("defect"));
        var lost = await FailsAsync(LinkError.ConnectionLost, RequestFate.Unknown, () => call);
        Assert.Contains("defect", lost.Message, StringComparison.Ordinal);
        await Within.Until(() => server.Peers.Count == 0);

        var again = server.SendAsync("peer", new { });
        next.Answer((await next.Written.NextAsync()).Id);
        Assert.True((await Within.Deadline(again)).Success);
    }

    [Fact]
    public async Task An_event_handler_that_throws_harms_nothing()
    {
        var server = Create("one");
        var stopped = new Inbox<string?>();
        server.Started += (_, _) => throw new InvalidTimeZoneException();
        server.Stopped += (_, e) => stopped.Put(e.Reason);
        await Within.Deadline(server.StartAsync());
        await Within.Deadline(server.StopAsync("after"));
        Assert.Equal("after", await stopped.NextAsync());
    }

    private static Inbox<(string What, string? Name, bool IsDialled, LinkError? Error)> Recorded(Server server)
    {
        var inbox = new Inbox<(string, string?, bool, LinkError?)>();
        server.PeerConnected += (_, e) => inbox.Put(("connected", e.Peer.Name, e.Peer.IsDialled, e.Error?.Error));
        server.PeerDisconnected += (_, e) => inbox.Put(("disconnected", e.Peer.Name, e.Peer.IsDialled, e.Error?.Error));
        return inbox;
    }
}

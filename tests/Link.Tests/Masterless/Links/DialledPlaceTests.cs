using System.Net;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Masterless;
using Link.Streams.Endpoints;
using Link.Testing;

namespace Link.Tests.Masterless.Links;

/// <summary>Where dials lead, however the address is written: to the connection there is, to this node itself, to another node, to nobody.</summary>
public sealed class DialledPlaceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dial_to_the_same_place_by_another_name_gives_the_connection_there_is(bool announcesItsName)
    {
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { AnnouncedHost = announcesItsName ? "localhost" : null });
        await using var two = await TestMesh.StartAsync("two");
        var there = await one.ConnectAsync(two);
        var here = await two.ConnectedAsync();

        Assert.Same(there, await one.ConnectAsync(Endpoint.Parse($"tcp://localhost:{two.Port}")));
        Assert.Same(here, await two.ConnectAsync(Endpoint.Parse($"tcp://localhost:{one.Port}")));
        Assert.Same(here, await two.ConnectAsync(Endpoint.Parse($"tcp://127.0.0.1:{one.Port}")));
        Assert.Equal((1, 1), (one.Open, two.Open));
    }

    [Fact]
    public async Task The_loopback_addresses_of_both_families_are_two_places()
    {
        await using var one = await TestMesh.StartAsync("one");
        await using var two = await TestMesh.StartAsync("two");
        await one.ConnectAsync(two);
        using var other = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.IPv6Loopback, two.Port));
        other.Listen();

        var dial = one.ConnectAsync(Endpoint.Parse($"tcp://[::1]:{two.Port}"));
        (await TcpPeer.AcceptAsync(other)).Dispose();

        var failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(dial));
        Assert.Equal(LinkError.ConnectionLost, failure.Error);
    }

    [Fact]
    public async Task A_peer_that_resets_the_connection_at_once_fails_the_dial_and_nothing_else()
    {
        await using var one = await TestMesh.StartAsync("one");
        using var listener = TcpPeer.Listen();
        for (var round = 0; round < 100; round++)
        {
            var dial = one.ConnectAsync(Endpoint.Parse($"tcp://127.0.0.1:{TcpPeer.PortOf(listener)}"));
            (await TcpPeer.AcceptAsync(listener)).Reset();

            var failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(dial));
            Assert.Equal(RequestFate.NotSent, failure.Fate);
        }
    }

    [Fact]
    public async Task A_connection_that_was_just_closed_is_replaced_by_a_dial_by_another_name()
    {
        await using var one = await TestMesh.StartAsync("one");
        await using var two = await TestMesh.StartAsync("two");
        for (var round = 0; round < 50; round++)
        {
            var link = await one.ConnectAsync(two);
            var closing = link.DisposeAsync();
            Assert.NotSame(link, await one.ConnectAsync(Endpoint.Parse($"tcp://localhost:{two.Port}")));
            await closing;
            await one.Mesh.Nodes.Find("two")!.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_announced_address_alone_gives_nobody_the_place_of_the_node_that_is_there()
    {
        await using var one = await TestMesh.StartAsync("one");
        await using var two = await TestMesh.StartAsync("two");
        await using var liar = await TestMesh.StartAsync("liar", new MeshOptions { AnnouncedPort = two.Port });
        await liar.ConnectAsync(one);

        Assert.Equal("two", (await one.ConnectAsync(two)).Id);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "localhost")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    public async Task A_node_refuses_itself_at_once(string listens, string dialled)
    {
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { Host = listens, AllowInsecureNetwork = true });

        var failure = await Assert.ThrowsAsync<LinkException>(() => one.ConnectAsync(Endpoint.Parse($"tcp://{dialled}:{one.Port}")));

        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (failure.Error, failure.Fate));
        Assert.Equal($"tcp://{dialled}:{one.Port} is this node itself.", failure.Message);
        Assert.False(one.Mesh.Nodes.IsKnown("one"));
    }

    [Fact]
    public async Task Another_node_than_the_one_that_was_dialled_is_refused()
    {
        await using var one = await TestMesh.StartAsync("one");
        await using var two = await TestMesh.StartAsync("two");

        var failure = await Assert.ThrowsAsync<LinkException>(() => one.ConnectAsync(two, "three"));

        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (failure.Error, failure.Fate));
        Assert.Equal($"{two.Endpoint} is two, not three.", failure.Message);
        await Within.Until(() => !two.Mesh.Nodes.IsKnown("one"));
        Assert.Equal("two", (await one.ConnectAsync(two)).Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_node_than_the_one_that_was_dialled_is_named_at_once_when_it_is_connected(bool hasDialled)
    {
        var time = new FakeTimeProvider();
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { TimeProvider = time });
        await using var two = await TestMesh.StartAsync("two");
        await (hasDialled ? one.ConnectAsync(two) : two.ConnectAsync(one));
        await one.ConnectedAsync();

        // The clock stands still: whoever waited to try again would wait for ever.
        var failure = await Assert.ThrowsAsync<LinkException>(() => one.ConnectAsync(two, "three"));

        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (failure.Error, failure.Fate));
        Assert.Equal($"{two.Endpoint} is two, not three.", failure.Message);
    }

    [Fact]
    public async Task Nobody_listens_at_an_address_and_the_dialler_is_told()
    {
        await using var one = await TestMesh.StartAsync("one");

        var failure = await Assert.ThrowsAsync<LinkException>(() => one.ConnectAsync(Endpoint.Parse($"tcp://127.0.0.1:{FreePorts.Next()}")));

        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (failure.Error, failure.Fate));
    }
}

using Link.Abstractions;
using Link.Masterless;
using Link.Streams;
using Link.Streams.Endpoints;
using Link.Testing;

namespace Link.Tests.Masterless.Links;

/// <summary>Handshakes with a peer by hand: what is answered to it, and how long it has.</summary>
public sealed class HandshakeTests
{
    // Less than a first packet may have.
    private const int LongestDrip = 8 * 1024;

    private static readonly MeshOptions Impatient = new() { HandshakeTimeout = TimeSpan.FromMilliseconds(200) };

    [Fact]
    public async Task A_peer_that_connects_and_says_nothing_is_closed_in_time()
    {
        await using var one = await TestMesh.StartAsync("one", Impatient);
        using var peer = await TcpPeer.DialAsync(one.Port);

        Assert.Null(await peer.ReadLineAsync());
        Assert.Equal((LinkError.Timeout, RequestFate.NotSent), Of(await one.FaultAsync()));
    }

    [Fact]
    public async Task A_peer_that_drips_bytes_gets_no_more_time()
    {
        await using var one = await TestMesh.StartAsync("one", Impatient);
        using var peer = await TcpPeer.DialAsync(one.Port);
        var end = peer.ReadLineAsync();

        for (var count = 0; count < LongestDrip && !end.IsCompleted; count++)
        {
            await peer.WriteAsync(" ");
            await Task.Yield();
        }

        Assert.Null(await end);
        Assert.Equal(LinkError.Timeout, (await one.FaultAsync()).Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dialled_peer_that_does_not_finish_the_handshake_fails_the_dial_in_time(bool saysItsId)
    {
        await using var one = await TestMesh.StartAsync("one", Impatient);
        using var listener = TcpPeer.Listen();
        var dial = one.ConnectAsync(Endpoint.Network(EndpointKind.Tcp, "127.0.0.1", TcpPeer.PortOf(listener)));
        using var peer = await TcpPeer.AcceptAsync(listener);
        if (saysItsId)
        {
            await peer.WriteLinesAsync("""{"id":"two"}""");
        }

        Assert.Equal((LinkError.Timeout, RequestFate.NotSent), Of(await Assert.ThrowsAsync<LinkException>(() => dial)));
        Assert.False(one.Mesh.Nodes.IsKnown("two"));
    }

    [Theory]
    [InlineData("""{"id":"two","info":"tcp://127.0.0.1:0"}""", LinkError.ProtocolViolation)]
    [InlineData("""{"id":"two"}""", LinkError.ProtocolViolation)]
    [InlineData("""{"info":"tcp://127.0.0.1:1"}""", LinkError.ProtocolViolation)]
    [InlineData("""{"id":"one","info":"tcp://127.0.0.1:1"}""", LinkError.NoSuchPeer)]
    [InlineData("[true]", LinkError.ProtocolViolation)]
    [InlineData("null", LinkError.ProtocolViolation)]
    [InlineData("", LinkError.ProtocolViolation)]
    [InlineData("no JSON", LinkError.ProtocolViolation)]
    public async Task A_first_packet_that_is_none_closes_the_connection_and_nothing_else(string line, LinkError error)
    {
        await using var one = await TestMesh.StartAsync("one");
        using var good = await TcpPeer.DialAsync(one.Port);
        await good.WriteLinesAsync("""{"id":"good","info":"tcp://127.0.0.1:1"}""");
        Assert.Equal("""{"id":"one"}""", await good.ReadLineAsync());
        using var bad = await TcpPeer.DialAsync(one.Port);

        await bad.WriteLinesAsync(line);

        Assert.Null(await bad.ReadLineAsync());
        var fault = await one.FaultAsync();
        Assert.Equal((error, RequestFate.NotSent), Of(fault));
        Assert.Contains(bad.Address, fault.Message, StringComparison.Ordinal);
        await good.WriteLinesAsync("""{"priority":1}""");
        Assert.Equal("""{"confirm":true}""", await good.ReadLineAsync());
    }

    [Fact]
    public async Task A_first_packet_beyond_the_limit_closes_the_connection()
    {
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { Limits = new StreamLimits { MaxFrameBytes = 1000 } });
        using var peer = await TcpPeer.DialAsync(one.Port);

        await peer.WriteAsync(new string('{', 2000));

        Assert.Null(await peer.ReadLineAsync());
        Assert.Equal((LinkError.TooLarge, RequestFate.NotSent), Of(await one.FaultAsync()));
    }

    [Fact]
    public async Task Heartbeats_during_the_handshake_mean_nothing()
    {
        await using var one = await TestMesh.StartAsync("one");
        using var peer = await TcpPeer.DialAsync(one.Port);

        await peer.WriteLinesAsync("true", """{"id":"two","info":"tcp://127.0.0.1:1"}""", "true", """{"priority":-1}""");

        Assert.Equal("""{"id":"one"}""", await peer.ReadLineAsync());
        Assert.Equal("""{"confirm":true}""", await peer.ReadLineAsync());
        Assert.Equal("[true]", await peer.ReadLineAsync());
        Assert.Equal("two", (await one.ConnectedAsync()).Id);
    }

    [Fact]
    public async Task A_connection_that_its_connector_does_not_want_is_not_taken_for_chosen()
    {
        await using var one = await TestMesh.StartAsync("one");
        using var peer = await TcpPeer.DialAsync(one.Port);

        await peer.WriteLinesAsync("""{"id":"two","info":"tcp://127.0.0.1:1"}""", """{"priority":0}""");

        Assert.Equal("""{"id":"one"}""", await peer.ReadLineAsync());
        Assert.Null(await peer.ReadLineAsync());
        Assert.Equal("two", await one.ForgottenAsync());
        Assert.Equal(0, one.Open);
    }

    [Fact]
    public async Task A_failed_handshake_forgets_the_node()
    {
        await using var one = await TestMesh.StartAsync("one");
        using var peer = await TcpPeer.DialAsync(one.Port);
        await peer.WriteLinesAsync("""{"id":"two","info":"tcp://127.0.0.1:1"}""");
        Assert.Equal("""{"id":"one"}""", await peer.ReadLineAsync());
        Assert.True(one.Mesh.Nodes.IsKnown("two"));

        await peer.WriteLinesAsync("""{"priority":"1"}""");

        Assert.Null(await peer.ReadLineAsync());
        Assert.Equal("two", await one.ForgottenAsync());
        Assert.False(one.Mesh.Nodes.IsKnown("two"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_connection_names_the_node_that_has_said_who_it_is()
    {
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { Limits = new StreamLimits { MaxFrameBytes = 1000 } });
        using var peer = await TcpPeer.DialAsync(one.Port);
        await peer.WriteLinesAsync("""{"id":"two","info":"tcp://127.0.0.1:1"}""", """{"priority":1}""");
        await one.ConnectedAsync();

        await peer.WriteAsync(new string('{', 2000));

        Assert.StartsWith("two (tcp://", (await one.EndedAsync())!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MeshFormat.Json, MeshFormat.MessagePack, "it may speak MessagePack")]
    [InlineData(MeshFormat.MessagePack, MeshFormat.Json, "it may speak JSON")]
    public async Task A_node_of_the_other_format_is_refused_at_once(MeshFormat format, MeshFormat other, string hint)
    {
        var patient = new MeshOptions { HandshakeTimeout = TimeSpan.FromHours(1) };
        await using var one = await TestMesh.StartAsync("one", patient with { Format = format });
        await using var two = await TestMesh.StartAsync("two", patient with { Format = other });

        var failure = await Assert.ThrowsAsync<LinkException>(() => two.ConnectAsync(one));

        var fault = await one.FaultAsync();
        Assert.Equal((LinkError.ProtocolViolation, RequestFate.NotSent), Of(fault));
        Assert.Contains(hint, fault.Message, StringComparison.Ordinal);
        Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), Of(failure));
    }

    [Fact]
    public async Task A_dial_that_loses_waits_for_the_connection_that_wins()
    {
        await using var one = await TestMesh.StartAsync("one");
        using var listener = TcpPeer.Listen();
        var port = TcpPeer.PortOf(listener);
        var dial = one.ConnectAsync(Endpoint.Network(EndpointKind.Tcp, "127.0.0.1", port));
        using var outgoing = await TcpPeer.AcceptAsync(listener);
        using var incoming = await TcpPeer.DialAsync(one.Port);
        await incoming.WriteLinesAsync($$"""{"id":"two","info":"tcp://127.0.0.1:{{port}}"}""");
        Assert.Equal("""{"id":"one"}""", await incoming.ReadLineAsync());

        outgoing.Dispose();
        Assert.True(one.Mesh.Nodes.IsKnown("two"));
        Assert.False(dial.IsCompleted);
        await incoming.WriteLinesAsync("""{"priority":1}""");

        Assert.Equal(Role.Acceptor, (await dial).Handshake.Role);
        Assert.Same(await dial, await one.ConnectedAsync());
    }

    [Fact]
    public async Task A_dial_that_loses_against_a_connection_that_fails_ends_too()
    {
        await using var one = await TestMesh.StartAsync("one", Impatient);
        using var listener = TcpPeer.Listen();
        var port = TcpPeer.PortOf(listener);
        var dial = one.ConnectAsync(Endpoint.Network(EndpointKind.Tcp, "127.0.0.1", port));
        using var incoming = await TcpPeer.DialAsync(one.Port);
        await incoming.WriteLinesAsync($$"""{"id":"two","info":"tcp://127.0.0.1:{{port}}"}""");
        var refusing = Task.Run(async () =>
        {
            while (!dial.IsCompleted)
            {
                (await TcpPeer.AcceptAsync(listener)).Dispose();
            }
        });

        Assert.Equal(RequestFate.NotSent, (await Assert.ThrowsAsync<LinkException>(() => dial)).Fate);
        listener.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => refusing.WaitAsync(Within.Default)).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task Packets_behind_the_confirm_are_not_lost()
    {
        await using var one = await TestMesh.StartAsync("one");
        using var listener = TcpPeer.Listen();
        var dial = one.ConnectAsync(Endpoint.Network(EndpointKind.Tcp, "127.0.0.1", TcpPeer.PortOf(listener)));
        using var peer = await TcpPeer.AcceptAsync(listener);

        await peer.WriteLinesAsync("""{"id":"two"}""", """{"confirm":true}""", """{"n":1}""", "[true]", """{"n":2}""");

        Assert.Equal("two", (await dial).Id);
        Assert.Equal("""{"n":1}""", await one.PacketAsync());
        Assert.Equal("""{"n":2}""", await one.PacketAsync());
        Assert.True((await dial).RemoteKeeps);
    }

    private static (LinkError Error, RequestFate Fate) Of(LinkException exception) => (exception.Error, exception.Fate);
}

using Link.Abstractions;
using Link.Masterless;
using Link.Spec.Support;
using Link.Testing;

namespace Link.Spec;

/// <summary>SPEC.md, the sections on masterless.</summary>
public sealed class MasterlessTests : SpecTests
{
    private const string Hello = """{"id":"two","info":"tcp://127.0.0.1:1"}""";

    [Fact]
    public async Task A_node_that_dials_says_its_id_and_address_then_its_priority()
    {
        var node = await StartAsync();
        var (peer, dial) = await DialledAsync(node);

        Assert.Equal($$"""{"id":"one","info":"{{node.Info}}"}""", await peer.ReadLineAsync());
        await peer.WriteLinesAsync("""{"id":"two"}""");
        Assert.Equal("""{"priority":1}""", await peer.ReadLineAsync());
        Assert.False(dial.IsCompleted);
        await peer.WriteLinesAsync("""{"confirm":true}""");

        Assert.Equal("two", await dial.Soon());
        Assert.Equal("[true]", await peer.ReadLineAsync());
    }

    [Fact]
    public async Task A_node_that_is_dialled_answers_with_its_id_then_confirms()
    {
        var node = await StartAsync();
        var peer = await DialAsync(node);

        await peer.WriteLinesAsync(Hello);
        Assert.Equal("""{"id":"one"}""", await peer.ReadLineAsync());
        await peer.WriteLinesAsync("""{"priority":1}""");

        Assert.Equal("""{"confirm":true}""", await peer.ReadLineAsync());
        Assert.Equal("[false]", await peer.ReadLineAsync());
    }

    [Theory]
    [InlineData("""{"id":"two"}""")]
    [InlineData("""{"id":"two","info":"127.0.0.1:1"}""")]
    [InlineData("""{"id":"one","info":"tcp://127.0.0.1:1"}""")]
    [InlineData("""{"id":5,"info":"tcp://127.0.0.1:1"}""")]
    [InlineData("""{"hello":1}""")]
    [InlineData("[true]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{'id':'two'}")]
    public async Task A_first_packet_that_names_no_other_node_is_answered_by_the_end(string line)
    {
        var peer = await DialAsync(await StartAsync());

        await peer.WriteLinesAsync(line);

        Assert.Null(await peer.ReadLineAsync());
    }

    [Theory]
    [InlineData("""{"priority":"1"}""")]
    [InlineData("""{"hello":1}""")]
    [InlineData("""{"priority":0}""")]
    public async Task An_acceptor_takes_nothing_but_a_number_that_is_not_0_for_a_priority(string line)
    {
        var peer = await DialAsync(await StartAsync());

        await peer.WriteLinesAsync(Hello, line);

        Assert.Equal("""{"id":"one"}""", await peer.ReadLineAsync());
        Assert.Null(await peer.ReadLineAsync());
    }

    [Fact]
    public async Task A_second_connection_of_the_same_node_is_answered_by_the_end()
    {
        var node = await StartAsync();
        var first = await JoinAsync(node);
        var second = await DialAsync(node);

        await second.WriteLinesAsync(Hello);

        Assert.Null(await second.ReadLineAsync());
        await first.WriteLinesAsync("[true]");
        Assert.Equal(["two"], node.Connections);
    }

    [Fact]
    public async Task A_dial_that_finds_a_connection_declines_with_priority_0()
    {
        var node = await StartAsync();
        await JoinAsync(node);
        var (peer, dial) = await DialledAsync(node);

        await peer.ReadLineAsync();
        await peer.WriteLinesAsync("""{"id":"two"}""");

        Assert.Equal("""{"priority":0}""", await peer.ReadLineAsync());
        Assert.Null(await peer.ReadLineAsync());
        Assert.Equal("two", await dial.Soon());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_connections_at_the_same_time_the_one_of_the_larger_priority_stays(bool theirs)
    {
        var node = await StartAsync();
        var (dialled, dial) = await DialledAsync(node);
        await dialled.ReadLineAsync();
        var dialler = await DialAsync(node);
        await dialler.WriteLinesAsync(Hello);
        Assert.Equal("""{"id":"one"}""", await dialler.ReadLineAsync());
        await dialled.WriteLinesAsync("""{"id":"two"}""");
        Assert.Matches("""^{"priority":0\.\d+}$""", await dialled.ReadLineAsync());

        await dialler.WriteLinesAsync(theirs ? """{"priority":1}""" : """{"priority":-1}""");

        if (theirs)
        {
            Assert.Equal("""{"confirm":true}""", await dialler.ReadLineAsync());
            dialled.Dispose();
        }
        else
        {
            Assert.Null(await dialler.ReadLineAsync());
            await dialled.WriteLinesAsync("""{"confirm":true}""");
        }

        Assert.Equal("two", await dial.Soon());
        Assert.Equal(["two"], node.Connections);
    }

    [Fact]
    public async Task A_handshake_has_its_time_on_either_side()
    {
        var node = await StartAsync(new MeshOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(200) });
        var silent = await DialAsync(node);
        var (_, dial) = await DialledAsync(node);

        Assert.Null(await silent.ReadLineAsync());
        Assert.Equal(LinkError.Timeout, (await Assert.ThrowsAsync<LinkException>(() => dial.Soon())).Error);
    }

    [Fact]
    public async Task A_connection_that_nobody_keeps_is_closed()
    {
        var node = await StartAsync();
        var peer = await JoinAsync(node);

        await peer.WriteLinesAsync("[false]");

        Assert.Null(await peer.ReadLineAsync());
    }

    [Fact]
    public async Task Packets_are_lines_that_end_with_CR_LF()
    {
        var node = await StartAsync();
        var received = Deadline.Signal<string>();
        node.OnMessage(message => received.TrySetResult($"{message.Sender}: {message.Packet}"));
        var peer = await JoinAsync(node);

        await peer.WriteAsync(" {\n \"n\" : 1 }\t\r");
        await peer.WriteAsync("\n");

        Assert.Contains("two: ", await received.Task.Soon(), StringComparison.Ordinal);
        Assert.True(await node.SendAsync("two", new { text = "a\r\nb" }).Soon());
        Assert.Equal("""{"text":"a\r\nb"}""", await peer.ReadLineAsync());
    }

    [Fact]
    public async Task A_kept_connection_that_is_lost_is_made_again_once()
    {
        using var listener = TcpPeer.Listen();
        var node = await StartAsync();
        var peer = await JoinAsync(node, TcpPeer.PortOf(listener));
        await node.KeepAsync("two");
        Assert.Equal("[true]", await peer.ReadLineAsync());

        peer.Dispose();

        var again = Own(await TcpPeer.AcceptAsync(listener));
        Assert.Equal($$"""{"id":"one","info":"{{node.Info}}"}""", await again.ReadLineAsync());
    }

    [Fact]
    public async Task Heartbeats_are_sent_from_the_first_tick_and_the_first_says_that_this_is_Link()
    {
        var peer = await JoinAsync(await StartAsync(new MeshOptions { HeartbeatInterval = TimeSpan.FromMilliseconds(50) }));

        Assert.Equal("[false,\"link\"]", await peer.ReadLineAsync());
        Assert.Equal("true", await peer.ReadLineAsync());
        Assert.Equal("true", await peer.ReadLineAsync());
    }

    [Fact]
    public async Task A_node_of_Link_that_falls_silent_is_given_up()
    {
        var node = await StartAsync(new MeshOptions { HeartbeatInterval = TimeSpan.FromMilliseconds(50), DeadPeerTimeout = TimeSpan.FromMilliseconds(300) });
        var lost = Deadline.Signal<LinkException?>();
        node.Disconnected += (_, e) => lost.TrySetResult(e.Error);
        var peer = await JoinAsync(node);

        await peer.WriteLinesAsync("[true,\"link\"]");

        Assert.Equal(LinkError.ConnectionLost, (await lost.Task.Soon())?.Error);
    }

    [Fact]
    public async Task In_MessagePack_the_own_packets_are_maps()
    {
        var node = await StartAsync(new MeshOptions { Format = MeshFormat.MessagePack, DeadPeerTimeout = Timeout.InfiniteTimeSpan, HeartbeatInterval = TimeSpan.FromMilliseconds(50) });
        var peer = await DialAsync(node);

        await peer.WriteAsync(Convert.FromHexString("82A26964A374776FA4696E666FB17463703A2F2F3132372E302E302E313A31"));
        Assert.Equal("81A26964A36F6E65", await HexAsync(peer, 8));
        await peer.WriteAsync(Convert.FromHexString("81A87072696F7269747901"));
        Assert.Equal("81A7636F6E6669726DC3", await HexAsync(peer, 10));
        const string Heartbeat = "81AB246D61737465726C65737381A9686561727462656174C3";
        string next;
        while ((next = await HexAsync(peer, 20)) != "81AB246D61737465726C65737381A46B656570C2")
        {
            // A tick may come first.
            Assert.Equal(Heartbeat, next + await HexAsync(peer, 5));
        }

        Assert.Equal(Heartbeat, await HexAsync(peer, 25));
    }

    private static async Task<string> HexAsync(TcpPeer peer, int count) => Convert.ToHexString(await peer.ReadAsync(count));

    private async Task<MeshNode> StartAsync(MeshOptions? options = null)
    {
        var node = Own(new MeshNode("one", options));
        await node.StartAsync().Soon();
        return node;
    }

    private async Task<TcpPeer> DialAsync(MeshNode node) => Own(await TcpPeer.DialAsync(new Uri(node.Info!).Port));

    /// <summary>A peer that the node dials.</summary>
    private async Task<(TcpPeer Peer, Task<string> Dial)> DialledAsync(MeshNode node)
    {
        var listener = Own(TcpPeer.Listen());
        var dial = node.ConnectAsync($"tcp://127.0.0.1:{TcpPeer.PortOf(listener)}");
        return (Own(await TcpPeer.AcceptAsync(listener)), dial);
    }

    /// <summary>A peer that has dialled the node and is connected.</summary>
    private async Task<TcpPeer> JoinAsync(MeshNode node, int port = 1)
    {
        var peer = await DialAsync(node);
        await peer.WriteLinesAsync($$"""{"id":"two","info":"tcp://127.0.0.1:{{port}}"}""");
        Assert.Equal("""{"id":"one"}""", await peer.ReadLineAsync());
        await peer.WriteLinesAsync("""{"priority":1}""");
        Assert.Equal("""{"confirm":true}""", await peer.ReadLineAsync());
        Assert.Equal("[false]", await peer.ReadLineAsync());
        return peer;
    }
}

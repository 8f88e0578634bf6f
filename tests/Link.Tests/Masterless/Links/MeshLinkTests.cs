using Link.Abstractions;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Links;

/// <summary>A chosen connection with a peer by hand: keep packets, heartbeats, its end.</summary>
public sealed class MeshLinkTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_heartbeat_goes_out_at_each_tick_and_what_is_sent_puts_it_off()
    {
        var time = new FakeTimeProvider();
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { TimeProvider = time, DeadPeerTimeout = Timeout.InfiniteTimeSpan });
        using var peer = await ShakeHandsAsync(one);
        var link = await one.ConnectedAsync();
        Assert.Equal("[true]", await peer.ReadLineAsync());

        time.Advance(Tick);
        Assert.Equal("true", await peer.ReadLineAsync());
        time.Advance(Tick);
        Assert.Equal("true", await peer.ReadLineAsync());
        time.Advance(Tick / 2);
        TestMesh.Send(link, """{"n":1}""");
        time.Advance(Tick / 2);
        link.WriteKeep(keeps: true, countsAsSend: false);
        time.Advance(Tick);
        Assert.Equal("""{"n":1}""", await peer.ReadLineAsync());
        Assert.Equal("[true]", await peer.ReadLineAsync());
        Assert.Equal("true", await peer.ReadLineAsync());
        link.WriteKeep(keeps: false, countsAsSend: true);
        time.Advance(Tick / 2);
        time.Advance(Tick / 2);
        Assert.Equal("[false]", await peer.ReadLineAsync());
        Assert.Equal("true", await peer.ReadLineAsync());
    }

    [Fact]
    public async Task A_node_of_Link_says_so_once_at_its_first_tick()
    {
        var time = new FakeTimeProvider();
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { TimeProvider = time });
        using var peer = await ShakeHandsAsync(one);
        await one.ConnectedAsync();
        Assert.Equal("[true]", await peer.ReadLineAsync());

        time.Advance(2 * Tick);

        Assert.Equal("[true,\"link\"]", await peer.ReadLineAsync());
        Assert.Equal("true", await peer.ReadLineAsync());
        Assert.Equal("true", await peer.ReadLineAsync());
    }

    [Fact]
    public async Task A_node_of_Link_that_says_nothing_any_more_is_dead_after_a_while()
    {
        var time = new FakeTimeProvider();
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { TimeProvider = time });
        using var peer = await ShakeHandsAsync(one);
        var link = await one.ConnectedAsync();
        await peer.WriteLinesAsync("[true,\"link\"]", """{"n":1}""");
        await one.PacketAsync();
        Assert.True(link.RemoteIsLink);

        time.Advance(TimeSpan.FromSeconds(9));
        await peer.WriteLinesAsync("""{"n":2}""");
        await one.PacketAsync();
        await Within.Until(() => link.IsWaiting);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.NotNull(one.Mesh.Nodes.Find("two"));
        time.Advance(Tick);

        var end = await one.EndedAsync();
        Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (end!.Error, end.Fate));
        Assert.Contains("10 s", end.Message, StringComparison.Ordinal);
        Assert.Null(one.Mesh.Nodes.Find("two"));
        await Within.Deadline(link.Closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_original_that_says_nothing_is_left_alone_unless_it_is_to_be_watched(bool isWatched)
    {
        var time = new FakeTimeProvider();
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { TimeProvider = time, WatchOriginals = isWatched });
        using var peer = await ShakeHandsAsync(one);
        var link = await one.ConnectedAsync();
        await peer.WriteLinesAsync("""{"n":1}""");
        await one.PacketAsync();
        await Within.Until(() => link.IsWaiting);

        time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(isWatched, one.Mesh.Nodes.Find("two") is null);
    }

    [Fact]
    public void A_process_that_did_not_run_takes_nobody_for_dead()
    {
        var time = new FakeTimeProvider();
        var options = new MeshOptions { TimeProvider = time };
        var liveness = new Liveness(options);
        liveness.BeginReading();
        time.Advance(TimeSpan.FromSeconds(60));

        Assert.False(liveness.IsDead(isLink: true, isLate: true));
        Assert.False(liveness.IsDead(isLink: true, isLate: false));
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.False(liveness.IsDead(isLink: false, isLate: false));
        Assert.True(liveness.IsDead(isLink: true, isLate: false));
        liveness.EndReading();
        Assert.False(liveness.IsDead(isLink: true, isLate: false));
    }

    [Fact]
    public async Task Nothing_behind_null_is_read()
    {
        await using var one = await TestMesh.StartAsync("one");
        using var peer = await ShakeHandsAsync(one);

        await peer.WriteLinesAsync("""{"n":1}""", "null", """{"n":2}""");

        Assert.Equal("""{"n":1}""", await one.PacketAsync());
        Assert.Equal(LinkError.ConnectionLost, (await one.EndedAsync())!.Error);
        Assert.False(one.HasPacket);
        Assert.Equal("[true]", await peer.ReadLineAsync());
        Assert.Null(await peer.ReadLineAsync());
        await Within.Until(() => one.Open == 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[tru]")]
    public async Task A_malformed_packet_closes_the_connection_and_nothing_else(string line)
    {
        await using var one = await TestMesh.StartAsync("one");
        using var peer = await ShakeHandsAsync(one);
        using var other = await ShakeHandsAsync(one, "three");

        await peer.WriteLinesAsync(line);

        Assert.Equal(LinkError.ProtocolViolation, (await one.EndedAsync())!.Error);
        Assert.Equal("two", await one.ForgottenAsync());
        await Within.Until(() => one.Open == 1);
        await other.WriteLinesAsync("""{"n":1}""");
        Assert.Equal("""{"n":1}""", await one.PacketAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_the_stream_ends_the_connection(bool isReset)
    {
        await using var one = await TestMesh.StartAsync("one");
        using var peer = await ShakeHandsAsync(one);
        await one.ConnectedAsync();
        if (isReset)
        {
            peer.Reset();
        }
        else
        {
            await peer.WriteAsync("""{"n":1}""");
            peer.EndWriting();
            Assert.Equal("""{"n":1}""", await one.PacketAsync());
        }

        Assert.Equal(isReset ? LinkError.ConnectionLost : null, (await one.EndedAsync())?.Error);
        Assert.Equal("two", await one.ForgottenAsync());
        await Within.Until(() => one.Open == 0);
    }

    [Fact]
    public async Task A_connection_that_nobody_reads_is_closed_with_the_node()
    {
        var one = await TestMesh.StartAsync("one", reads: false);
        using var peer = await ShakeHandsAsync(one);
        var link = await one.ConnectedAsync();
        await peer.WriteLinesAsync("""{"n":1}""");

        await one.DisposeAsync();

        Assert.True(link.Closed.IsCompleted);
        Assert.Throws<LinkException>(() => TestMesh.Send(link, "{}"));
        link.Beat(isLate: false);
    }

    [Fact]
    public async Task What_was_written_is_sent_before_the_end()
    {
        await using var one = await TestMesh.StartAsync("one");
        using var peer = await ShakeHandsAsync(one);
        var link = await one.ConnectedAsync();
        Assert.Equal("[true]", await peer.ReadLineAsync());
        for (var n = 0; n < 1000; n++)
        {
            TestMesh.Send(link, $$"""{"n":{{n}}}""");
        }

        await Within.Deadline(link.DisposeAsync());

        for (var n = 0; n < 1000; n++)
        {
            Assert.Equal($$"""{"n":{{n}}}""", await peer.ReadLineAsync());
        }

        Assert.Null(await peer.ReadLineAsync());
    }

    private static async Task<TcpPeer> ShakeHandsAsync(TestMesh mesh, string id = "two")
    {
        var peer = await TcpPeer.DialAsync(mesh.Port);
        await peer.WriteLinesAsync($$"""{"id":"{{id}}","info":"tcp://127.0.0.1:1"}""");
        Assert.Equal("""{"id":"one"}""", await peer.ReadLineAsync());
        await peer.WriteLinesAsync("""{"priority":1}""");
        Assert.Equal("""{"confirm":true}""", await peer.ReadLineAsync());
        return peer;
    }
}

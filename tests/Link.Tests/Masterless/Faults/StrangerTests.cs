using System.Text;
using Link.Abstractions;
using Link.Masterless;
using Link.Streams.Tls;
using Link.Testing;
using Link.Tests.Masterless.Nodes;

namespace Link.Tests.Masterless.Faults;

/// <summary>What nobody in particular can do to a node before, and right after, it knows who that is.</summary>
public sealed class StrangerTests
{
    private const string Hello = """{"id":"stranger","info":"tcp://127.0.0.1:9"}""";

    [Fact]
    public async Task Strangers_that_flood_hold_up_nobody()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        var flood = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("true\r\n", 10_000)));
        using var over = new CancellationTokenSource();
        var floods = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                using var stranger = await TcpPeer.DialAsync(new Uri(node.Info).Port);
                await stranger.WriteAsync(flood);
            }
        })).ToArray();

        var friend = await scene.StartAsync("friend");
        Assert.Equal("node", await Within.Deadline(friend.Node.ConnectAsync(node.Info)));

        await over.CancelAsync();
        await Within.Deadline(Task.WhenAll(floods));
    }

    [Fact]
    public async Task Who_sends_nothing_but_heartbeats_is_closed()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var stranger = await TcpPeer.DialAsync(new Uri(node.Info).Port);

        await stranger.WriteLinesAsync([.. Enumerable.Repeat("true", 65)]);

        Assert.Null(await stranger.ReadLineAsync());
        var error = Assert.IsType<LinkException>((await node.NextAsync<MeshErrorEventArgs>()).Error);
        Assert.Equal(LinkError.ProtocolViolation, error.Error);
    }

    [Fact]
    public async Task A_check_that_takes_long_holds_up_nobody_else()
    {
        using var release = new ManualResetEventSlim();
        using var asked = new SemaphoreSlim(0);
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node", options => options with
        {
            Admit = peer =>
            {
                if (peer.Name == "stranger")
                {
                    asked.Release();
                    release.Wait(Within.Default);
                }

                return true;
            },
        });
        using var stranger = await TcpPeer.DialAsync(new Uri(node.Info).Port);
        await stranger.WriteLinesAsync(Hello);
        Assert.True(await asked.WaitAsync(Within.Default));

        var friend = await scene.StartAsync("friend");
        Assert.Equal("node", await Within.Deadline(friend.Node.ConnectAsync(node.Info)));

        release.Set();
        Assert.Equal("""{"id":"node"}""", await stranger.ReadLineAsync());
    }

    [Fact]
    public async Task A_first_packet_larger_than_any_id_and_address_is_refused_before_it_is_whole()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var stranger = await TcpPeer.DialAsync(new Uri(node.Info).Port);

        await stranger.WriteAsync("{\"id\":\"" + new string('x', 64 * 1024));

        var error = Assert.IsType<LinkException>((await node.NextAsync<MeshErrorEventArgs>()).Error);
        Assert.Equal(LinkError.TooLarge, error.Error);
    }

    [Fact]
    public async Task After_the_handshake_packets_may_be_as_large_as_the_limits_say()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var peer = await TcpPeer.DialAsync(new Uri(node.Info).Port);

        await peer.WriteLinesAsync(Hello, """{"priority":1}""", $$"""{"text":"{{new string('x', 100_000)}}"}""");

        await node.NextAsync<MeshConnectedEventArgs>();
        Assert.Equal(100_000, ((string?)(await node.NextAsync<MeshMessage>()).Data["text"])!.Length);
    }

    [Fact]
    public async Task An_address_of_a_host_that_no_name_service_knows_is_no_address()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var stranger = await TcpPeer.DialAsync(new Uri(node.Info).Port);
        var host = string.Join('.', Enumerable.Repeat(new string('h', 60), 5));

        await stranger.WriteLinesAsync($$"""{"id":"stranger","info":"tcp://{{host}}:9"}""");

        Assert.Null(await stranger.ReadLineAsync());
        var error = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(node.Node.ConnectAsync($"tcp://{host}:9")));
        Assert.Equal(LinkError.NoSuchPeer, error.Error);
    }

    [Theory]
    [InlineData("""[true,"\ud800"]""")]
    [InlineData("""[true,"l\u0069nk"]""")]
    [InlineData("""["\ud800"]""")]
    public async Task A_keep_packet_of_any_text_keeps(string keep)
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var peer = await RawNode.ConnectAsync(node.Info, "peer");
        await node.NextAsync<MeshConnectedEventArgs>();

        await peer.WriteAsync(keep, """{"n":1}""");

        Assert.Equal(1, (int?)(await node.NextAsync<MeshMessage>()).Data["n"]);
    }

    [Fact]
    public void TLS_in_which_nobody_shows_who_he_is_is_refused()
    {
        var options = new MeshOptions { Tls = new TlsOptions() };

        Assert.Throws<ArgumentException>(() => new MeshTransport(options));
        Assert.Throws<ArgumentException>(() => new MeshNode("node", options));
    }
}

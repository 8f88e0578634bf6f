using Link.Abstractions;
using Link.Masterless;
using Link.Testing;
using Link.Tests.Flic;

namespace Link.Tests.Masterless.Nodes;

/// <summary>A kept connection that is lost is made again, with one attempt.</summary>
public sealed class NodeReturnTests
{
    [Theory]
    [InlineData(MeshFormat.Json)]
    [InlineData(MeshFormat.MessagePack)]
    public async Task A_node_that_keeps_comes_back_in_silence(MeshFormat format)
    {
        await using var scene = new MeshScene(format);
        var (left, right) = await scene.ConnectAsync();

        Assert.True(await left.Node.DisconnectAsync("right"));

        Assert.Null((await left.NextAsync<MeshDisconnectedEventArgs>()).Error);
        Assert.Equal("right", (await left.NextAsync<MeshConnectedEventArgs>()).Id);
        Assert.True(await right.Node.SendAsync("left", new { }));
        await left.NextAsync<MeshMessage>();
        Assert.True(right.Node.IsKept("left"));
        Assert.False(right.HasMore);
    }

    [Fact]
    public async Task A_node_that_keeps_comes_back_when_the_connection_breaks()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var listener = RawNode.Listen();
        var connecting = node.Node.ConnectAsync(RawNode.InfoOf(listener));
        using var raw = await RawNode.WelcomeAsync(listener, "raw");
        await Within.Deadline(connecting);
        await node.NextAsync<MeshConnectedEventArgs>();

        raw.Socket.Close(0);
        using var again = await RawNode.WelcomeAsync(listener, "raw");

        Assert.Equal("[true]", await again.ReadAsync());
        await again.WriteAsync("""{"n":1}""");
        await node.NextAsync<MeshMessage>();
    }

    [Fact]
    public async Task Both_come_back_in_silence_over_one_connection_when_both_keep()
    {
        await using var scene = new MeshScene();
        var port = FreePorts.Next();
        using var relay = new TransportRelay(port);
        var left = await scene.StartAsync("left", options => options with { Port = port, AnnouncedPort = relay.Port });
        var right = await scene.StartAsync("right");
        await left.Node.KeepAsync("right");
        await Within.Deadline(right.Node.ConnectAsync($"tcp://127.0.0.1:{relay.Port}"));
        await left.NextAsync<MeshConnectedEventArgs>();
        await right.NextAsync<MeshConnectedEventArgs>();

        relay.Cut();

        await ExchangeAsync(left, right);
        await ExchangeAsync(right, left);
        Assert.False(left.HasMore || right.HasMore);

        static async Task ExchangeAsync(WatchedNode from, WatchedNode to)
        {
            // What is handed to the old connection before its end was seen is lost.
            await Within.Until(async () => await from.Node.SendAsync(to.Node.Id, new { }) && to.HasMore);
            Assert.True(await Within.Deadline(from.Node.SendAsync(to.Node.Id, new { last = true })));
            while ((await to.NextAsync<MeshMessage>()).Data["last"] is null)
            {
            }
        }
    }

    [Fact]
    public async Task The_example_of_the_seed_comes_back_as_it_promises()
    {
        await using var scene = new MeshScene();
        var left = await scene.StartAsync("left");
        var right = await scene.StartAsync("right");
        await right.Node.KeepAsync("left");
        await Within.Deadline(left.Node.ConnectAsync(right.Info));
        await left.NextAsync<MeshConnectedEventArgs>();
        await right.NextAsync<MeshConnectedEventArgs>();

        Assert.True(await right.Node.DisconnectAsync("left"));

        await right.NextAsync<MeshDisconnectedEventArgs>();
        await right.NextAsync<MeshConnectedEventArgs>();
        Assert.True(await left.Node.SendAsync("right", new { }));
        await right.NextAsync<MeshMessage>();
        Assert.False(left.HasMore);
    }

    [Fact]
    public async Task A_node_that_was_dialled_comes_back_to_the_address_that_was_announced()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync();
        await left.Node.KeepAsync("right");

        await right.Node.DisconnectAsync("left");

        await right.NextAsync<MeshDisconnectedEventArgs>();
        await right.NextAsync<MeshConnectedEventArgs>();
        Assert.True(await left.Node.SendAsync("right", new { }));
        await right.NextAsync<MeshMessage>();
        Assert.False(left.HasMore);
    }

    [Fact]
    public async Task A_node_that_is_gone_is_disconnected_once_and_kept_no_more()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync();

        await Within.Deadline(left.Node.CloseAsync());

        var error = (await right.NextAsync<MeshDisconnectedEventArgs>()).Error;
        Assert.Equal(LinkError.ConnectionLost, error?.Error);
        Assert.False(right.Node.IsKept("left"));
        Assert.False(await right.Node.SendAsync("left", new { }));
        Assert.False(right.HasMore);
    }

    [Fact]
    public async Task Another_node_in_the_place_of_a_kept_one_is_not_taken_for_it()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var listener = RawNode.Listen();
        var connecting = node.Node.ConnectAsync(RawNode.InfoOf(listener));
        using var raw = await RawNode.WelcomeAsync(listener, "raw");
        await Within.Deadline(connecting);
        await node.NextAsync<MeshConnectedEventArgs>();

        raw.Dispose();
        using var other = await RawNode.AcceptAsync(listener, "other");

        Assert.Contains("other", (await node.NextAsync<MeshDisconnectedEventArgs>()).Error!.Message, StringComparison.Ordinal);
        Assert.Null(await other.ReadAsync());
        Assert.Empty(node.Node.Connections);
    }

    [Fact]
    public async Task What_is_sent_while_a_node_comes_back_waits_and_goes_first_in_order()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var listener = RawNode.Listen();
        var connecting = node.Node.ConnectAsync(RawNode.InfoOf(listener));
        using var raw = await RawNode.WelcomeAsync(listener, "raw");
        await Within.Deadline(connecting);

        raw.Dispose();
        using var again = await RawNode.AcceptAsync(listener, "raw");
        var sent = Enumerable.Range(0, 5).Select(n => node.Node.SendAsync("raw", new { n })).ToList();
        Assert.DoesNotContain(sent, one => one.IsCompleted);
        Assert.Equal("""{"priority":1}""", await again.ReadAsync());
        await again.WriteAsync("""{"confirm":true}""");

        for (var n = 0; n < 5; n++)
        {
            Assert.Equal($$"""{"n":{{n}}}""", await again.ReadAsync());
            Assert.True(await Within.Deadline(sent[n]));
        }

        Assert.Equal("[true]", await again.ReadAsync());
    }

    [Fact]
    public async Task What_waits_for_a_node_is_bounded_may_be_withdrawn_and_fails_with_the_attempt()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node", options => options with { MaxQueuedPackets = 2 });
        using var listener = RawNode.Listen();
        var connecting = node.Node.ConnectAsync(RawNode.InfoOf(listener));
        using var raw = await RawNode.WelcomeAsync(listener, "raw");
        await Within.Deadline(connecting);
        await node.NextAsync<MeshConnectedEventArgs>();
        raw.Dispose();
        using var again = await RawNode.AcceptAsync(listener, "raw");
        using var cancellation = new CancellationTokenSource();

        var withdrawn = node.Node.SendAsync("raw", new { n = 0 }, cancellation.Token);
        var first = node.Node.SendAsync("raw", new { n = 1 });
        var tooMany = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(node.Node.SendAsync("raw", new { n = 2 })));
        Assert.Equal((LinkError.Overloaded, RequestFate.NotSent), (tooMany.Error, tooMany.Fate));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(withdrawn));
        var second = node.Node.SendAsync("raw", new { n = 3 });
        listener.Stop();
        again.Dispose();

        Assert.Equal(RequestFate.NotSent, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(first))).Fate);
        Assert.Equal(RequestFate.NotSent, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(second))).Fate);
        await node.NextAsync<MeshDisconnectedEventArgs>();
    }

    [Fact]
    public async Task Disconnecting_ends_an_attempt_to_come_back()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var listener = RawNode.Listen();
        var connecting = node.Node.ConnectAsync(RawNode.InfoOf(listener));
        using var raw = await RawNode.WelcomeAsync(listener, "raw");
        await Within.Deadline(connecting);
        await node.NextAsync<MeshConnectedEventArgs>();
        raw.Dispose();
        using var again = await RawNode.AcceptAsync(listener, "raw");
        Assert.Equal("""{"priority":1}""", await again.ReadAsync());
        var waiting = node.Node.SendAsync("raw", new { });

        Assert.True(await Within.Deadline(node.Node.DisconnectAsync("raw")));

        Assert.Null((await node.NextAsync<MeshDisconnectedEventArgs>()).Error);
        await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(waiting));
        Assert.Null(await again.ReadAsync());
    }

    [Fact]
    public async Task A_peer_that_closes_again_and_again_is_not_dialled_as_fast_as_it_does()
    {
        var time = new FakeTimeProvider();
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node", options => options with { TimeProvider = time, ConnectTimeout = TimeSpan.FromHours(1), HandshakeTimeout = TimeSpan.FromHours(1) });
        using var listener = RawNode.Listen();
        var connecting = node.Node.ConnectAsync(RawNode.InfoOf(listener));
        using (var raw = await RawNode.WelcomeAsync(listener, "raw"))
        {
            await Within.Deadline(connecting);
            Assert.Equal("[true]", await raw.ReadAsync());
        }

        using (var raw = await RawNode.WelcomeAsync(listener, "raw"))
        {
            Assert.Equal("[true]", await raw.ReadAsync());
        }

        var third = RawNode.WelcomeAsync(listener, "raw");
        await Within.Until(() => node.Node.Connections.Count == 0);
        Assert.False(third.IsCompleted);
        await Within.Until(() =>
        {
            // Perhaps the pause has not begun yet.
            time.Advance(TimeSpan.FromMilliseconds(100));
            return third.IsCompleted;
        });
        (await third).Dispose();
    }
}

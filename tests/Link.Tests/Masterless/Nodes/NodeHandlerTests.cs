using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Link.Abstractions;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

public sealed class NodeHandlerTests
{
    [Fact]
    public async Task A_handler_that_throws_raises_Error_and_closes_nothing()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync();
        left.Node.OnMessage(async message =>
        {
            await Task.Yield();
            throw new InvalidOperationException($"failed on {message.Data["n"]}");
        });

        await right.Node.SendAsync("left", new { n = 1 });
        await left.NextAsync<MeshMessage>();
        var error = await left.NextAsync<MeshErrorEventArgs>();

        Assert.Equal(("failed on 1", "right"), (error.Error.Message, error.Id));
        await right.Node.SendAsync("left", new { n = 2 });
        await left.NextAsync<MeshMessage>();
    }

    [Fact]
    public async Task A_handler_of_an_event_that_throws_raises_Error()
    {
        await using var scene = new MeshScene();
        var left = await scene.StartAsync("left");
        left.Node.Connected += (_, _) => throw new InvalidOperationException("in Connected");
        left.Node.Error += (_, _) => throw new InvalidOperationException("in Error");
        var right = await scene.StartAsync("right");

        await Within.Deadline(right.Node.ConnectAsync(left.Info));

        await left.NextAsync<MeshConnectedEventArgs>();
        Assert.Equal("in Connected", (await left.NextAsync<MeshErrorEventArgs>()).Error.Message);
        Assert.True(await right.Node.SendAsync("left", new { }));
        await left.NextAsync<MeshMessage>();
    }

    [Fact]
    public async Task Handlers_start_in_order_and_run_side_by_side()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync();
        var started = new ConcurrentQueue<int>();
        var last = new TaskCompletionSource();
        left.Node.OnMessage(async message =>
        {
            started.Enqueue((int)message.Data["n"]!);
            if (started.Count == 10)
            {
                last.TrySetResult();
            }

            await last.Task;
        });

        for (var n = 0; n < 10; n++)
        {
            await right.Node.SendAsync("left", new { n });
        }

        await Within.Deadline(last.Task);
        Assert.Equal(Enumerable.Range(0, 10), started);
    }

    [Fact]
    public async Task Packets_that_are_no_objects_are_delivered()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var raw = await RawNode.ConnectAsync(node.Info, "raw");
        await raw.WriteAsync("[true]", "1", "\"text\"", "false", "\"\"", """ {"id":"x"} """);

        await node.NextAsync<MeshConnectedEventArgs>();
        foreach (var expected in new[] { "1", "\"text\"", "false", "\"\"", """{"id":"x"}""" })
        {
            Assert.Equal(expected, (await node.NextAsync<MeshMessage>()).Packet.ToString());
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{\"a\":1}{}")]
    [InlineData("{\"a\":\u0001}")]
    [InlineData("{'a':1}")]
    [InlineData("null")]
    public async Task A_malformed_packet_ends_its_connection_and_no_other(string packet)
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync();
        using var raw = await RawNode.ConnectAsync(left.Info, "raw");
        Assert.Equal("[false]", await raw.ReadAsync());

        await raw.WriteAsync("[true]", """{"n":1}""", packet, """{"n":2}""");

        await left.NextAsync<MeshConnectedEventArgs>();
        Assert.Equal("""{"n":1}""", (await left.NextAsync<MeshMessage>()).Packet.ToString());
        var error = (await left.NextAsync<MeshDisconnectedEventArgs>()).Error!;
        Assert.Equal(packet == "null" ? LinkError.ConnectionLost : LinkError.ProtocolViolation, error.Error);
        Assert.Contains("raw", error.Message, StringComparison.Ordinal);
        Assert.True(await right.Node.SendAsync("left", new { }));
        await left.NextAsync<MeshMessage>();
    }

    [Fact]
    public async Task A_peer_whose_packets_nobody_takes_is_not_read_and_others_are_served()
    {
        const int Packets = 2000;
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node", options => options with { MaxHandlers = 8 });
        var release = new TaskCompletionSource();
        var running = 0;
        node.Node.OnMessage(async message =>
        {
            if (message.Sender == "flood")
            {
                Interlocked.Increment(ref running);
                await release.Task;
            }
        });
        var flood = await scene.StartAsync("flood", options => options with { Limits = new() { OutboundBacklogBytes = 16 * 1024 * 1024, MaxFrameBytes = 1024 * 1024 } });
        var other = await scene.StartAsync("other");
        await Within.Deadline(flood.Node.ConnectAsync(node.Info));
        await Within.Deadline(other.Node.ConnectAsync(node.Info));
        await node.NextAsync<MeshConnectedEventArgs>();
        await node.NextAsync<MeshConnectedEventArgs>();

        // More than sockets hold: what is over waits with the sender, and is refused there at last.
        var text = new string('x', 64 * 1024);
        var sent = 0;
        var refused = await Assert.ThrowsAsync<LinkException>(async () =>
        {
            for (; sent < Packets; sent++)
            {
                await flood.Node.SendAsync("node", new { n = sent, text });
            }
        });

        Assert.Equal(LinkError.Overloaded, refused.Error);
        for (var n = 0; n < 100; n++)
        {
            await other.Node.SendAsync("node", new { n });
        }

        var seen = 0;
        for (var fromOther = 0; fromOther < 100;)
        {
            var message = await node.NextAsync<MeshMessage>();
            Assert.Equal(message.Sender == "other" ? fromOther++ : seen++, (int)message.Data["n"]!);
        }

        Assert.InRange(Volatile.Read(ref running), 1, 8);
        release.SetResult();
        for (; seen < sent; seen++)
        {
            Assert.Equal(seen, (int)(await node.NextAsync<MeshMessage>()).Data["n"]!);
        }
    }

    [Fact]
    public async Task A_flooding_peer_that_is_not_read_can_be_disconnected()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node", options => options with { MaxHandlers = 1, DrainTimeout = TimeSpan.Zero });
        var begun = new TaskCompletionSource();
        node.Node.OnMessage(_ =>
        {
            begun.TrySetResult();
            return new TaskCompletionSource().Task;
        });
        using var raw = await RawNode.ConnectAsync(node.Info, "raw");
        await raw.WriteAsync("[true]");
        await raw.WriteAsync([.. Enumerable.Repeat("{}", 10_000)]);
        await Within.Deadline(begun.Task);

        Assert.True(await Within.Deadline(node.Node.DisconnectAsync("raw")));

        await node.NextAsync<MeshConnectedEventArgs>();
        await node.NextAsync<MeshMessage>();
        Assert.Null((await node.NextAsync<MeshDisconnectedEventArgs>()).Error);
    }
}

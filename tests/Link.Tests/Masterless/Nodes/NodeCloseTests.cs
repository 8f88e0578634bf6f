using Link.Abstractions;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

public sealed class NodeCloseTests
{
    [Fact]
    public async Task A_closed_node_has_no_connections_and_refuses_everything()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync();

        await Within.Deadline(right.Node.CloseAsync());
        await Within.Deadline(right.Node.CloseAsync());
        await Within.Deadline(right.Node.DisposeAsync());

        Assert.Null((await right.NextAsync<MeshDisconnectedEventArgs>()).Error);
        Assert.Null((await left.NextAsync<MeshDisconnectedEventArgs>()).Error);
        Assert.Empty(right.Node.Connections);
        Assert.Null(right.Node.Info);
        Assert.False(right.Node.IsKept("left"));
        Func<Task>[] calls =
        [
            () => right.Node.SendAsync("left", new { }),
            () => right.Node.SendAsync(["left"], new { }),
            () => right.Node.ConnectAsync(left.Info),
            () => right.Node.KeepAsync("left"),
            () => right.Node.StartAsync(),
        ];
        foreach (var call in calls)
        {
            Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(call)).Error);
        }

        Assert.False(await right.Node.DisconnectAsync("left"));
    }

    [Fact]
    public async Task A_node_that_was_never_started_closes()
    {
        var node = new MeshNode("node");

        await Within.Deadline(node.DisposeAsync());

        Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(() => node.StartAsync())).Error);
    }

    [Fact]
    public async Task Closing_waits_for_handlers_which_may_still_send()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync();
        var begun = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        left.Node.OnMessage(async message =>
        {
            begun.SetResult();
            await go.Task;
            await message.ReplyAsync(new { answer = "late" });
        });
        await right.Node.SendAsync("left", new { });
        await Within.Deadline(begun.Task);

        var closing = left.Node.CloseAsync();
        await Assert.ThrowsAsync<LinkException>(() => left.Node.SendAsync("right", new { }));
        Assert.False(closing.IsCompleted);
        go.SetResult();

        await Within.Deadline(closing);
        Assert.Equal("late", (await right.NextAsync<MeshMessage>()).Data["answer"]);
    }

    [Fact]
    public async Task Closing_leaves_a_handler_behind_that_does_not_end_in_time()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync(change: options => options with { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        var begun = new TaskCompletionSource();
        left.Node.OnMessage(_ =>
        {
            begun.SetResult();
            return new TaskCompletionSource().Task;
        });
        await right.Node.SendAsync("left", new { });
        await Within.Deadline(begun.Task);

        await Within.Deadline(left.Node.CloseAsync());
    }

    [Fact]
    public async Task A_handler_may_close_its_node()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync(change: options => options with { DrainTimeout = TimeSpan.FromDays(1) });
        var closed = new TaskCompletionSource();
        left.Node.OnMessage(async _ =>
        {
            await left.Node.CloseAsync();
            closed.SetResult();
        });

        await right.Node.SendAsync("left", new { });

        await Within.Deadline(closed.Task);
        Assert.Equal(LinkError.ConnectionLost, (await right.NextAsync<MeshDisconnectedEventArgs>()).Error?.Error);
    }

    [Fact]
    public async Task What_is_sent_before_a_node_closes_or_disconnects_arrives()
    {
        const int Packets = 500;
        await using var scene = new MeshScene();
        var left = await scene.StartAsync("left");
        var text = new string('x', 4096);
        foreach (var close in new Func<MeshNode, Task>[] { node => node.CloseAsync(), node => node.DisconnectAsync("left") })
        {
            var right = await scene.StartAsync("right");
            await Within.Deadline(right.Node.ConnectAsync(left.Info));
            await left.NextAsync<MeshConnectedEventArgs>();
            for (var n = 0; n < Packets; n++)
            {
                await right.Node.SendAsync("left", new { n, text });
            }

            await Within.Deadline(close(right.Node));

            for (var n = 0; n < Packets; n++)
            {
                Assert.Equal(n, (int)(await left.NextAsync<MeshMessage>()).Data["n"]!);
            }

            Assert.Null((await left.NextAsync<MeshDisconnectedEventArgs>()).Error);
        }
    }

    [Fact]
    public async Task Closing_fails_what_waits_to_be_sent()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var raw = await RawNode.DialAsync(node.Info, "raw");
        var waiting = node.Node.SendAsync("raw", new { });

        await Within.Deadline(node.Node.CloseAsync());

        Assert.Equal(RequestFate.NotSent, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(waiting))).Fate);
    }

    [Theory]
    [InlineData(MeshFormat.Json)]
    [InlineData(MeshFormat.MessagePack)]
    public async Task A_node_may_be_closed_at_any_time(MeshFormat format)
    {
        await using var scene = new MeshScene(format);
        var hub = await scene.StartAsync("hub");
        hub.Node.OnMessage(message => message.ReplyAsync(message.Packet));
        var random = new Random(17);
        for (var round = 0; round < 100; round++)
        {
            var node = new MeshNode("node", scene.Options);
            var spins = random.Next(20_000);
            var calls = Task.Run(async () =>
            {
                await node.StartAsync();
                await Task.WhenAll(node.ConnectAsync(hub.Info), hub.Node.ConnectAsync(node.Info ?? "tcp://127.0.0.1:9"));
                await node.SendAsync("hub", new { round });
                await node.DisconnectAsync("hub");
            });
            Thread.SpinWait(spins);

            await Within.Deadline(node.DisposeAsync());

            try
            {
                await Within.Deadline(calls);
            }
            catch (LinkException)
            {
                // It depends on how far it was.
            }

            Assert.Empty(node.Connections);
        }

        await Within.Until(() => hub.Node.Connections.Count == 0);
    }
}

using System.Collections.Concurrent;
using Link.Abstractions;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>Leaving, losing the bridge and coming back.</summary>
public sealed class NodeLifeTests
{
    [Fact]
    public async Task A_bridge_that_closes_says_its_parting_words_and_then_disconnects()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        var (events, done) = (new ConcurrentQueue<string>(), new TaskCompletionSource<LinkException>());
        node.Closed += (_, e) => events.Enqueue($"closed {e.Parting}");
        node.Disconnected += (_, e) => done.SetResult(e.Error);

        await Within.Deadline(scene.Bridge.CloseAsync("bye", new { reason = 7 }));

        Assert.Equal(LinkError.ConnectionLost, (await Within.Deadline(done.Task)).Error);
        Assert.Equal(["""closed ["bye",{"reason":7}]"""], events);
        Assert.False(node.IsConnected);
        var late = await Assert.ThrowsAsync<LinkException>(() => node.TellAsync("a:b"));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), (late.Error, late.Fate));
    }

    [Fact]
    public async Task A_bridge_that_dies_fails_all_that_is_pending_at_once()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port, TellTimeout = Timeout.InfiniteTimeSpan });
        var disconnected = new TaskCompletionSource<LinkException>();
        node.Disconnected += (_, e) => disconnected.SetResult(e.Error);
        var connecting = node.ConnectAsync();
        await bridge.RegisterAsync();
        await Within.Deadline(connecting);
        var told = Enumerable.Range(0, 100).Select(number => node.TellAsync("a:b", number)).ToArray();
        await bridge.ReadAsync();

        bridge.Hang();

        foreach (var tell in told)
        {
            var thrown = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(tell));
            Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (thrown.Error, thrown.Fate));
        }

        Assert.Equal(LinkError.ConnectionLost, (await Within.Deadline(disconnected.Task)).Error);
    }

    [Fact]
    public async Task A_node_that_is_lost_fails_what_it_was_told()
    {
        await using var scene = await NodeScene.StartAsync();
        var (one, two) = (await scene.ConnectAsync("one"), await scene.ConnectAsync("two"));
        var running = new TaskCompletionSource();
        one.On("event", _ =>
        {
            running.SetResult();
            return Task.CompletedTask;
        });
        var told = two.TellAsync("one:event");
        await Within.Deadline(running.Task);

        await Within.Deadline(one.LeaveAsync(force: true));

        var thrown = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(told));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (thrown.Error, thrown.Fate));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leaving_frees_the_name_and_ends_the_node(bool force)
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("name");
        var told = node.TellAsync("name:nothing");
        await Assert.ThrowsAsync<FlicException>(() => Within.Deadline(told));
        var disconnected = false;
        node.Disconnected += (_, _) => disconnected = true;

        await Within.Deadline(node.LeaveAsync(force));
        await Within.Deadline(node.LeaveAsync(force));

        Assert.False(node.IsConnected);
        var late = await Assert.ThrowsAsync<LinkException>(() => node.TellAsync("a:b"));
        Assert.Equal((LinkError.Disposed, RequestFate.NotSent), (late.Error, late.Fate));
        Assert.Contains("has left", late.Message, StringComparison.Ordinal);
        Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(() => node.ShoutAsync("b"))).Error);
        Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(() => node.ConnectAsync())).Error);
        await Within.Until(() => !scene.Bridge.Nodes.Contains("name"));
        await scene.ConnectAsync("name");
        await Within.Deadline(node.DisposeAsync());
        Assert.False(disconnected);
    }

    [Fact]
    public async Task What_is_pending_when_the_node_leaves_fails()
    {
        await using var scene = await NodeScene.StartAsync();
        var (one, two) = (await scene.ConnectAsync("one"), await scene.ConnectAsync("two"));
        one.On("event", _ => Task.CompletedTask);
        var told = two.TellAsync("one:event");

        await Within.Deadline(two.LeaveAsync());

        var thrown = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(told));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (thrown.Error, thrown.Fate));
        Assert.Contains("has left", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposal_lets_handlers_end_and_their_answers_out()
    {
        await using var scene = await NodeScene.StartAsync();
        var (one, two) = (await scene.ConnectAsync("one"), await scene.ConnectAsync("two"));
        var (running, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        one.On("event", async message =>
        {
            running.SetResult();
            await gate.Task;
            await message.AcknowledgeAsync(null, "done");
        });
        var told = two.TellAsync("one:event");
        await Within.Deadline(running.Task);

        var disposal = one.DisposeAsync().AsTask();
        var refused = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(two.TellAsync("one:event")));
        gate.SetResult();

        Assert.Equal(LinkError.NoSuchPeer, refused.Error);
        Assert.Equal("done", (await Within.Deadline(told)).As<string>(0));
        await Within.Deadline(disposal);
        await Within.Deadline(one.DisposeAsync());
        Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(() => one.TellAsync("two:event"))).Error);
    }

    [Fact]
    public async Task Disposal_does_not_wait_for_ever_for_a_handler()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node", options => options with { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        var running = new TaskCompletionSource();
        node.On("event", _ =>
        {
            running.SetResult();
            return new TaskCompletionSource().Task;
        });
        await node.TellAndForgetAsync("node:event");
        await Within.Deadline(running.Task);

        await Within.Deadline(node.DisposeAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_may_dispose_of_its_node(bool disposedAlready)
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node", options => options with { DrainTimeout = TimeSpan.FromDays(1) });
        var (running, gate, disposed) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        node.On("event", async _ =>
        {
            running.SetResult();
            await gate.Task;
            await node.DisposeAsync();
            disposed.SetResult();
        });
        await node.TellAndForgetAsync("node:event");
        await Within.Deadline(running.Task);
        var disposal = disposedAlready ? node.DisposeAsync().AsTask() : Task.CompletedTask;
        gate.SetResult();

        await Within.Deadline(disposed.Task);
        await Within.Deadline(disposal);
    }

    [Fact]
    public async Task A_node_reconnects_if_asked_to_and_registers_again()
    {
        await using var scene = await NodeScene.StartAsync();
        var one = await scene.ConnectAsync("one", options => options with { Reconnect = true });
        one.On("event", message => message.AcknowledgeAsync(null, "here"));
        var (disconnected, reconnected) = (new TaskCompletionSource(), new TaskCompletionSource());
        var late = new TaskCompletionSource<Exception>();
        one.Disconnected += async (_, _) =>
        {
            disconnected.SetResult();
            late.SetResult(await Assert.ThrowsAnyAsync<Exception>(() => one.TellAsync("one:event")));
        };
        one.Reconnected += (_, _) => reconnected.SetResult();

        await Within.Deadline(scene.Bridge.DisposeAsync());
        await Within.Deadline(disconnected.Task);
        var lost = Assert.IsType<LinkException>(await Within.Deadline(late.Task));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), (lost.Error, lost.Fate));
        await scene.RestartAsync();

        await Within.Deadline(reconnected.Task);
        Assert.True(one.IsConnected);
        var two = await scene.ConnectAsync("two");
        Assert.Equal("here", (await Within.Deadline(two.TellAsync("one:event"))).As<string>(0));
    }

    [Fact]
    public async Task A_name_that_is_still_held_is_asked_for_again_during_a_reconnect()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port, Reconnect = true, MaxReconnectBackoff = TimeSpan.FromMilliseconds(60) }, "node");
        var (reconnected, refusals) = (new TaskCompletionSource(), new ConcurrentQueue<Exception>());
        node.Reconnected += (_, _) => reconnected.SetResult();
        node.Error += (_, e) => refusals.Enqueue(e.Error);
        var connecting = node.ConnectAsync();
        await bridge.RegisterAsync();
        await Within.Deadline(connecting);

        bridge.Hang();
        await bridge.AckAsync(await bridge.AcceptIdentAsync(), "[\"duplicate-node\"]");
        await bridge.AckAsync(await bridge.AcceptIdentAsync(), "[\"duplicate-node\"]");
        await bridge.AckAsync(await bridge.AcceptIdentAsync(), "[null]");

        await Within.Deadline(reconnected.Task);
        Assert.Equal([LinkError.NameUnavailable, LinkError.NameUnavailable], refusals.Select(error => ((LinkException)error).Error));
    }

    [Fact]
    public async Task A_handler_may_use_its_node_as_soon_as_it_is_registered_again()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port, Reconnect = true }, "node");
        const int Tells = 20;
        var results = new ConcurrentQueue<Exception?>();
        node.On("event", async _ => results.Enqueue(await Record.ExceptionAsync(() => node.TellAndForgetAsync("a:b"))));
        var connecting = node.ConnectAsync();
        await bridge.RegisterAsync();
        await Within.Deadline(connecting);

        bridge.Hang();
        var ident = await bridge.AcceptIdentAsync();
        var tell = """{"id":"x","method":"TELL","data":["a","id","event",[]]}""";

        // In one piece with the acknowledgement: the handlers run before the node knows that it has connected.
        await bridge.WriteAsync(string.Join('\0', Enumerable.Repeat(tell, Tells).Prepend($$"""{"id":"x","method":"ACK","data":["{{ident}}",[null]]}""")));

        await Within.Until(() => results.Count == Tells);
        Assert.All(results, Assert.Null);
        await Within.Deadline(node.LeaveAsync(force: true));
    }

    [Fact]
    public async Task A_bridge_lost_as_soon_as_the_name_is_registered_again_is_connected_to_once_more()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port, Reconnect = true, MaxReconnectBackoff = TimeSpan.FromMilliseconds(60) }, "node");
        var events = new ConcurrentQueue<string>();
        node.Disconnected += (_, _) => events.Enqueue("disconnected");
        node.Reconnected += (_, _) => events.Enqueue("reconnected");
        var connecting = node.ConnectAsync();
        await bridge.RegisterAsync();
        await Within.Deadline(connecting);

        for (var round = 0; round < 20; round++)
        {
            bridge.Hang();
            await bridge.RegisterAsync();
        }

        await Within.Until(() => node.IsConnected && events.LastOrDefault() == "reconnected");
        Assert.All(events.Index(), item => Assert.Equal(item.Index % 2 == 0 ? "disconnected" : "reconnected", item.Item));
        await Within.Deadline(node.LeaveAsync(force: true));
    }

    [Fact]
    public async Task Leaving_ends_a_reconnect()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node", options => options with { Reconnect = true });
        var disconnected = new TaskCompletionSource();
        node.Disconnected += (_, _) => disconnected.SetResult();
        await Within.Deadline(scene.Bridge.DisposeAsync());
        await Within.Deadline(disconnected.Task);

        await Within.Deadline(node.LeaveAsync());

        Assert.Contains("has left", (await Assert.ThrowsAsync<LinkException>(() => node.TellAsync("a:b"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_node_may_connect_again_by_hand()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        var disconnected = new TaskCompletionSource();
        node.Disconnected += (_, _) => disconnected.SetResult();
        await scene.RestartAsync();
        await Within.Deadline(disconnected.Task);

        await Within.Deadline(node.ConnectAsync());

        Assert.Equal("unknown-event", (await Assert.ThrowsAsync<FlicException>(() => Within.Deadline(node.TellAsync("node:event")))).Code);
    }
}

using System.Collections.Concurrent;
using Link.Abstractions;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>How handlers are run.</summary>
public sealed class NodeHandlerTests
{
    [Fact]
    public async Task Handlers_start_in_the_order_of_arrival()
    {
        await using var scene = await NodeScene.StartAsync();
        var (one, two) = (await scene.ConnectAsync("one"), await scene.ConnectAsync("two"));
        var started = new List<int>();
        one.On("event", message =>
        {
            started.Add(message.Arguments.As<int>(0));
            return message.AcknowledgeAsync(null);
        });

        await Within.Deadline(Task.WhenAll(Enumerable.Range(0, 1000).Select(number => two.TellAsync("one:event", number))));

        Assert.Equal(Enumerable.Range(0, 1000), started);
    }

    [Fact]
    public async Task A_handler_that_waits_lets_the_next_one_run()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        var gate = new TaskCompletionSource();
        node.On("wait", async message =>
        {
            await gate.Task;
            await message.AcknowledgeAsync(null);
        });
        node.On("open", message =>
        {
            gate.SetResult();
            return message.AcknowledgeAsync(null);
        });

        var waiting = node.TellAsync("node:wait");
        await Within.Deadline(node.TellAsync("node:open"));
        await Within.Deadline(waiting);
    }

    [Fact]
    public async Task Several_handlers_of_an_event_run_in_the_order_of_registration()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        var order = new ConcurrentQueue<string>();
        Func<FlicMessage, Task> removed = _ => throw new InvalidOperationException("It was removed.");
        node.On("event", _ =>
        {
            order.Enqueue("first");
            return Task.CompletedTask;
        });
        node.On("event", removed);
        node.On("event", message =>
        {
            order.Enqueue("second");
            return message.AcknowledgeAsync(null);
        });
        node.Off("event", removed);

        await Within.Deadline(node.TellAsync("node:event"));

        Assert.Equal(["first", "second"], order);
    }

    [Fact]
    public async Task A_handler_that_has_nothing_to_wait_for_is_called_and_removed_as_any_other()
    {
        await using var scene = await NodeScene.StartAsync();
        var (one, two) = (await scene.ConnectAsync("one"), await scene.ConnectAsync("two"));
        var (error, heard, removed) = (FirstError(one), new ConcurrentQueue<int>(), new ConcurrentQueue<int>());
        Action<FlicMessage> handler = message => removed.Enqueue(message.Arguments.As<int>(0));
        one.On("news", message => heard.Enqueue(message.Arguments.As<int>(0)));
        one.On("news", handler);
        one.Off("news", handler);
        one.On("end", async message => await message.AcknowledgeAsync(null));

        await two.ShoutAsync("news", 7);
        await two.ShoutAsync("news");
        await Within.Deadline(two.TellAsync("one:end"));

        Assert.Equal([7], heard);
        Assert.Empty(removed);
        Assert.StartsWith("A handler of the event news, shouted, failed: ", (await Within.Deadline(error)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_without_a_handler_is_answered()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        node.On("event", message => message.AcknowledgeAsync(null));
        node.Off("event");

        Assert.Equal("unknown-event", (await Assert.ThrowsAsync<FlicException>(() => Within.Deadline(node.TellAsync("node:event")))).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_that_throws_is_answered_for_and_reported(bool atOnce)
    {
        await using var scene = await NodeScene.StartAsync();
        var (one, two) = (await scene.ConnectAsync("one"), await scene.ConnectAsync("two"));
        var error = FirstError(one);
        var thrown = new InvalidOperationException("No.");
        one.On("event", async _ =>
        {
            if (!atOnce)
            {
                await Task.Yield();
            }

            throw thrown;
        });
        one.On("event", _ => Task.CompletedTask);

        Assert.Equal("handler-failed", (await Assert.ThrowsAsync<FlicException>(() => Within.Deadline(two.TellAsync("one:event")))).Code);
        var failed = Assert.IsType<FlicHandlerException>(await Within.Deadline(error));
        Assert.Same(thrown, failed.InnerException);
        Assert.Equal(("event", "two"), (failed.Event, failed.Sender));
        Assert.Equal("A handler of the event event, told by two, failed: No.", failed.Message);
    }

    [Fact]
    public async Task A_handler_that_throws_after_its_answer_is_only_reported()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        var error = FirstError(node);
        node.On("event", async message =>
        {
            await message.AcknowledgeAsync(null, "done");
            throw new InvalidOperationException("Late.");
        });

        Assert.Equal("done", (await Within.Deadline(node.TellAsync("node:event"))).As<string>(0));
        Assert.Equal("Late.", (await Within.Deadline(error)).InnerException!.Message);
    }

    [Fact]
    public async Task Arguments_that_are_missing_fail_the_handler_and_not_the_node()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        node.On("event", message => message.AcknowledgeAsync(null, message.Arguments.As<int>(0)));

        Assert.Equal("handler-failed", (await Assert.ThrowsAsync<FlicException>(() => Within.Deadline(node.TellAsync("node:event")))).Code);
        Assert.Equal(7, (await Within.Deadline(node.TellAsync("node:event", 7))).As<int>(0));
    }

    [Fact]
    public async Task Beyond_the_bound_tells_are_answered_and_shouts_reported()
    {
        await using var scene = await NodeScene.StartAsync();
        var one = await scene.ConnectAsync("one", options => options with { MaxQueuedEvents = 2 });
        var two = await scene.ConnectAsync("two");
        var error = FirstError(one);
        var (gate, running) = (new TaskCompletionSource(), new SemaphoreSlim(0));
        one.On("wait", async message =>
        {
            running.Release();
            await gate.Task;
            await message.AcknowledgeAsync(null);
        });
        var waiting = new[] { two.TellAsync("one:wait"), two.TellAsync("one:wait") };
        await Within.Deadline(running.WaitAsync());
        await Within.Deadline(running.WaitAsync());

        var refused = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(two.TellAsync("one:wait")));
        await two.ShoutAsync("wait");

        Assert.Equal((LinkError.Overloaded, RequestFate.NotSent), (refused.Error, refused.Fate));
        Assert.Equal(LinkError.Overloaded, Assert.IsType<LinkException>(await Within.Deadline(error)).Error);
        gate.SetResult();
        await Within.Deadline(Task.WhenAll(waiting));
        await Within.Deadline(two.TellAsync("one:wait"));
    }

    [Fact]
    public async Task A_handler_may_tell_its_own_node_while_all_other_slots_are_busy()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node", options => options with { MaxQueuedEvents = 2 });
        var (gate, running) = (new TaskCompletionSource(), new TaskCompletionSource());
        node.On("wait", async message =>
        {
            running.SetResult();
            await gate.Task;
            await message.AcknowledgeAsync(null);
        });
        node.On("self", async message =>
        {
            var refused = await Assert.ThrowsAsync<LinkException>(() => node.TellAsync("node:inner"));
            await message.AcknowledgeAsync(null, refused.Error.ToString());
        });
        node.On("inner", message => message.AcknowledgeAsync(null));
        var waiting = node.TellAsync("node:wait");
        await Within.Deadline(running.Task);

        // It gets an answer, if not a slot: it never waits for one that may not come free.
        Assert.Equal("Overloaded", (await Within.Deadline(node.TellAsync("node:self"))).As<string>(0));
        gate.SetResult();
        await Within.Deadline(waiting);
    }

    [Fact]
    public async Task A_handler_may_tell_its_own_node()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        node.On("count", async message =>
        {
            var left = message.Arguments.As<int>(0);
            var below = left == 0 ? 0 : (await node.TellAsync("node:count", left - 1)).As<int>(0);
            await message.AcknowledgeAsync(null, below + 1);
        });

        Assert.Equal(51, (await Within.Deadline(node.TellAsync("node:count", 50))).As<int>(0));
    }

    [Fact]
    public async Task A_message_named_as_a_local_event_fires_none()
    {
        await using var scene = await NodeScene.StartAsync();
        var (one, two) = (await scene.ConnectAsync("one"), await scene.ConnectAsync("two"));
        var fired = new ConcurrentQueue<string>();
        one.Error += (_, e) => fired.Enqueue("error: " + e.Error.Message);
        one.Closed += (_, _) => fired.Enqueue("closed");
        one.Disconnected += (_, _) => fired.Enqueue("disconnected");
        one.On("end", message => message.AcknowledgeAsync(null));
        foreach (var name in new[] { "error", "close", "closed", "disconnected" })
        {
            await two.ShoutAsync(name, "x");
            await Assert.ThrowsAsync<FlicException>(() => Within.Deadline(two.TellAsync("one:" + name, "x")));
        }

        await Within.Deadline(two.TellAsync("one:end"));
        Assert.Empty(fired);
    }

    [Fact]
    public async Task A_handler_of_an_event_that_throws_is_reported_and_ends_nothing()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        var error = FirstError(node);
        node.Error += (_, _) => throw new InvalidOperationException("In the handler of errors.");
        node.Closed += (_, _) => throw new InvalidOperationException("In the handler of the parting.");

        await Within.Deadline(scene.Bridge.CloseAsync());

        Assert.Equal("A handler of the node's own event Closed failed: In the handler of the parting.", (await Within.Deadline(error)).Message);
    }

    private static Task<Exception> FirstError(FlicNode node)
    {
        var first = new TaskCompletionSource<Exception>();
        node.Error += (_, e) => first.TrySetResult(e.Error);
        return first.Task;
    }
}

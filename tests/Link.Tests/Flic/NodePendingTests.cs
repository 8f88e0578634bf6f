using Link.Abstractions;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>What waits for an answer, and what does not.</summary>
public sealed class NodePendingTests
{
    [Fact]
    public async Task An_answer_that_does_not_come_is_given_up()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node", options => options with { TellTimeout = TimeSpan.FromMilliseconds(100) });
        node.On("silent", _ => Task.CompletedTask);

        var told = Enumerable.Range(0, 3).Select(_ => node.TellAsync("node:silent")).ToArray();

        foreach (var tell in told)
        {
            var thrown = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(tell));
            Assert.Equal((LinkError.Timeout, RequestFate.Unknown), (thrown.Error, thrown.Fate));
            Assert.Contains("node:silent", thrown.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        using var cancellation = new CancellationTokenSource();
        node.On("silent", _ => Task.CompletedTask);
        var told = node.TellAsync("node:silent", [1], cancellation.Token);

        await cancellation.CancelAsync();

        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(told));
        Assert.Equal((LinkError.Cancelled, RequestFate.Unknown), (((LinkException)thrown.InnerException!).Error, ((LinkException)thrown.InnerException).Fate));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.TellAsync("node:silent", [1], cancellation.Token));
    }

    [Fact]
    public async Task A_token_among_the_arguments_is_a_mistake()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");

        await Assert.ThrowsAsync<ArgumentException>(() => node.TellAsync("node:event", "x", CancellationToken.None));
    }

    [Fact]
    public async Task So_many_answers_may_be_waited_for_and_no_more()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node", options => options with { MaxPendingTells = 2 });
        var gate = new TaskCompletionSource();
        node.On("wait", async message =>
        {
            await gate.Task;
            await message.AcknowledgeAsync(null);
        });
        var waiting = new[] { node.TellAsync("node:wait"), node.TellAsync("node:wait") };

        var thrown = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(node.TellAsync("node:wait")));

        Assert.Equal((LinkError.Overloaded, RequestFate.NotSent), (thrown.Error, thrown.Fate));
        gate.SetResult();
        await Within.Deadline(Task.WhenAll(waiting));
        await Within.Deadline(node.TellAsync("node:wait"));
    }

    [Fact]
    public async Task What_is_not_JSON_is_not_told()
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        var loop = new List<object>();
        loop.Add(loop);

        Assert.Equal(LinkError.InvalidData, (await Assert.ThrowsAsync<LinkException>(() => node.TellAsync("node:event", loop))).Error);
    }

    [Theory]
    [InlineData("nobody:event")]
    [InlineData("node:fails")]
    public async Task An_error_that_answers_what_nobody_waits_for_is_reported(string target)
    {
        await using var scene = await NodeScene.StartAsync();
        var node = await scene.ConnectAsync("node");
        node.On("fails", message => message.AcknowledgeAsync("failed"));
        var error = new TaskCompletionSource<Exception>();
        node.Error += (_, e) => error.SetResult(e.Error);

        await node.TellAndForgetAsync(target, 1);

        Assert.Contains(target, (await Within.Deadline(error.Task)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_told_is_sent_in_the_order_of_the_calls()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port }, "node");
        var connecting = node.ConnectAsync();
        for (var number = 0; number < 10; number++)
        {
            _ = node.TellAndForgetAsync("a:b", number);
        }

        await bridge.RegisterAsync();
        await Within.Deadline(connecting);
        for (var number = 10; number < 100; number++)
        {
            _ = number % 2 == 0 ? node.TellAndForgetAsync("a:b", number) : Observe(node.TellAsync("a:b", number));
        }

        for (var number = 0; number < 100; number++)
        {
            Assert.Equal(number, (int)(await bridge.ReadAsync())["data"]![2]![0]!);
        }
    }

    [Fact]
    public async Task A_frame_too_large_for_an_original_is_refused_and_nothing_after_it_is_lost()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port }, "node");
        var connecting = node.ConnectAsync();
        var early = node.TellAsync("a:early", new string('x', 70_000));
        await bridge.RegisterAsync();
        await Within.Deadline(connecting);

        foreach (var tell in new[] { early, node.TellAsync("a:large", new string('x', 70_000)) })
        {
            var thrown = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(tell));
            Assert.Equal((LinkError.TooLarge, RequestFate.NotSent), (thrown.Error, thrown.Fate));
        }

        await node.TellAndForgetAsync("a:small");
        Assert.Equal("small", (string)(await bridge.ReadAsync())["data"]![1]!);
    }

    [Fact]
    public async Task Frames_that_are_no_message_are_reported_and_others_still_come()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port }, "node");
        var error = new TaskCompletionSource<Exception>();
        node.Error += (_, e) => error.TrySetResult(e.Error);
        node.On("event", message => message.AcknowledgeAsync(null, message.Sender));
        var connecting = node.ConnectAsync();
        await bridge.RegisterAsync();
        await Within.Deadline(connecting);

        await bridge.WriteAsync("");
        await bridge.WriteAsync("""{"id":"x","method":"HELLO","data":[]}""");
        await bridge.WriteAsync("""{"id":"x","method":"TELL","data":["one"]}""");
        await bridge.AckAsync("nobody-asked", "[null]");
        await bridge.TellAsync("one", "id-1", "event", "[]");

        var answer = await bridge.ReadTextAsync();
        Assert.EndsWith(""" "method":"ACK","data":["one","id-1",[null,"one"]],"nodeName":"node"}"""[1..], answer, StringComparison.Ordinal);
        Assert.Equal(LinkError.ProtocolViolation, Assert.IsType<LinkException>(await Within.Deadline(error.Task)).Error);
    }

    [Fact]
    public async Task What_is_not_JSON_closes_the_connection()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port }, "node");
        var disconnected = new TaskCompletionSource<LinkException>();
        node.Disconnected += (_, e) => disconnected.SetResult(e.Error);
        var connecting = node.ConnectAsync();
        await bridge.RegisterAsync();
        await Within.Deadline(connecting);

        await bridge.WriteAsync("{broken");

        Assert.Equal(LinkError.ProtocolViolation, (await Within.Deadline(disconnected.Task)).Error);
    }

    private static async Task Observe(Task task) => await Assert.ThrowsAsync<LinkException>(() => task);
}

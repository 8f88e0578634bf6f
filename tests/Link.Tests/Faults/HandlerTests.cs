using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>Handlers that fail, and handlers that never reply.</summary>
public sealed class HandlerTests
{
    [Fact]
    public async Task A_handler_that_throws_at_once_rejects_its_request()
    {
        await using var bench = new Bench();
        var server = await bench.StartAsync("server", ThrowAsync);
        await AssertRejectedAsync(bench, server, "HANDLER_FAILED", "thrown at once");

        static Task ThrowAsync(Message message) => throw new InvalidOperationException("thrown at once");
    }

    [Fact]
    public async Task A_handler_that_throws_later_rejects_its_request()
    {
        await using var bench = new Bench();
        var server = await bench.StartAsync("server", async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException("thrown later");
        });
        await AssertRejectedAsync(bench, server, "HANDLER_FAILED", "thrown later");
    }

    [Fact]
    public async Task A_handler_that_is_cancelled_rejects_its_request()
    {
        await using var bench = new Bench();
        var server = await bench.StartAsync("server", _ => Task.FromCanceled(new CancellationToken(canceled: true)));
        await AssertRejectedAsync(bench, server, "HANDLER_FAILED", "canceled");
    }

    [Fact]
    public async Task A_handler_that_returns_no_task_rejects_its_request()
    {
        await using var bench = new Bench();
        var server = await bench.StartAsync("server", Task (_) => null!);
        using var peer = await bench.DialAsync("server");
        await peer.SendAsync(Frames.Request("1", "{}"));
        Assert.Equal("HANDLER_FAILED", (string?)(await peer.ReadMessageAsync())["code"]);
        await Within.Until(() => server.Statistics.RunningHandlers == 0);
    }

    [Fact]
    public async Task A_handler_that_throws_after_replying_changes_nothing_for_the_requester()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        var events = new Recorder(server);
        server.OnMessage(async message =>
        {
            await message.ReplyAsync(new { fine = true });
            throw new InvalidOperationException("too late");
        });
        await server.StartAsync();
        using var peer = await bench.DialAsync("server");
        for (var id = 1; id <= 2; id++)
        {
            await peer.SendAsync(Frames.Request($"{id}", "{}"));
            Assert.Equal($$"""{"success":true,"id":{{id}},"fine":true}""", await peer.ReadTextAsync());
            Assert.Equal("too late", (await events.NextErrorAsync()).Error.Message);
        }
    }

    [Fact]
    public async Task A_handler_that_replies_twice_gets_the_original_text_and_the_first_reply_stands()
    {
        await using var bench = new Bench();
        var second = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await bench.StartAsync("server", async message =>
        {
            await message.ReplyAsync(new { first = true });
            second.SetResult(await Assert.ThrowsAsync<InvalidOperationException>(() => message.ReplyAsync(new { second = true })));
        });
        using var peer = await bench.DialAsync("server");
        await peer.SendAsync(Frames.Request("\"a1\"", "{}"));
        Assert.Equal("""{"success":true,"id":"a1","first":true}""", await peer.ReadTextAsync());
        Assert.Equal("The request a1 has already been replied and cannot be replied again.", (await Within.Deadline(second.Task)).Message);
    }

    [Fact]
    public async Task A_reply_that_cannot_be_sent_rejects_the_request_instead()
    {
        await using var bench = new Bench();
        await bench.StartAsync(
            "server", message => message.ReplyAsync(new { text = new string('x', 2048) }), options => options with { MaxFrameBytes = 1024 });
        using var peer = await bench.DialAsync("server");
        await peer.SendAsync(Frames.Request("1", "{}"));
        Assert.Equal("HANDLER_FAILED", (string?)(await peer.ReadMessageAsync())["code"]);
    }

    [Fact]
    public async Task A_handler_that_never_replies_times_its_requester_out_and_holds_nobody_else_up()
    {
        var clock = new FakeTimeProvider();
        await using var bench = new Bench();
        var silent = await bench.StartAsync("silent", message => message.Data["silent"] is null ? message.ReplyAsync(new { }) : Task.CompletedTask);
        var server = bench.Create("server", options => options with { TimeProvider = clock });
        var lost = server.SendAsync("silent", new { silent = true });
        await Within.Deadline(server.SendAsync("silent", new { }));
        Assert.False(lost.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(30));
        var exception = await Assert.ThrowsAsync<LinkException>(() => lost);
        Assert.Equal((LinkError.Timeout, RequestFate.Unknown), (exception.Error, exception.Fate));
        await Within.Until(() => silent.Statistics.RunningHandlers == 0);
    }

    [Fact]
    public async Task Handlers_that_never_end_hold_up_to_their_limit_and_then_the_sender_waits()
    {
        var entered = new CountdownEvent(2);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bench = new Bench();
        var server = await bench.StartAsync(
            "server",
            async message =>
            {
                if (!entered.IsSet)
                {
                    entered.Signal();
                }

                await gate.Task;
                await message.ReplyAsync(new { });
            },
            options => options with { HandlerConcurrency = 2 });
        using var peer = await bench.DialAsync("server");
        await peer.SendAsync(string.Concat(Enumerable.Range(0, 10).Select(id => Frames.Request($"{id}", "{}"))));
        await Task.Run(() => Assert.True(entered.Wait(Within.Default)));
        Assert.Equal(2, server.Statistics.RunningHandlers);
        gate.SetResult();
        for (var reply = 0; reply < 10; reply++)
        {
            Assert.True((bool?)(await peer.ReadMessageAsync())["success"]);
        }
    }

    private static async Task AssertRejectedAsync(Bench bench, Server server, string code, string text)
    {
        var events = new Recorder(server);
        using var peer = await bench.DialAsync("server");
        for (var id = 1; id <= 2; id++)
        {
            await peer.SendAsync(Frames.Request($"{id}", "{}"));
            var reply = await peer.ReadMessageAsync();
            Assert.False((bool?)reply["success"]);
            Assert.Equal(id, (int?)reply["id"]);
            Assert.Equal(code, (string?)reply["code"]);
            Assert.Contains(text, (string?)reply["message"], StringComparison.Ordinal);
            Assert.Equal(4, reply.AsObject().Count);
            Assert.Contains(text, (await events.NextErrorAsync()).Error.Message, StringComparison.Ordinal);
        }

        await Within.Until(() => server.Statistics.RunningHandlers == 0);
    }
}

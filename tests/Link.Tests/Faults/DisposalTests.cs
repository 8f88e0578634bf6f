using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>Servers that are disposed while something goes on, and the rule of one server per process.</summary>
public sealed class DisposalTests
{
    [Fact]
    public async Task Disposal_fails_what_is_pending_and_what_comes_later()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        using var peer = await bench.DialledByAsync(server, "peer");
        var pending = Enumerable.Range(0, 100).Select(_ => server.SendAsync("peer", new { })).ToList();
        await peer.ReadFrameAsync();
        await Within.Deadline(server.DisposeAsync());
        foreach (var promise in pending)
        {
            var exception = await Assert.ThrowsAsync<LinkException>(() => promise);
            Assert.Equal((LinkError.Disposed, RequestFate.Unknown), (exception.Error, exception.Fate));
        }

        var late = await Assert.ThrowsAsync<LinkException>(() => server.SendAsync("peer", new { }));
        Assert.Equal((LinkError.Disposed, RequestFate.NotSent), (late.Error, late.Fate));
        Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(() => server.ConnectToAsync("peer"))).Error);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.StartAsync());
        Assert.Equal(0, server.Statistics.PendingRequests);
        Assert.Empty(server.Peers);
    }

    [Fact]
    public async Task Disposal_waits_for_running_handlers_and_sends_their_replies()
    {
        await using var bench = new Bench();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = await bench.StartAsync(
            "server",
            async message =>
            {
                entered.SetResult();
                await gate.Task;
                await message.ReplyAsync(new { text = new string('x', 1024 * 1024) });
            },
            options => options with { DrainTimeout = Within.Default });
        using var peer = await bench.DialAsync("server");
        await peer.SendAsync(Frames.Request("1", "{}"));
        await Within.Deadline(entered.Task);
        var disposing = server.DisposeAsync().AsTask();

        // Refused while it drains, instead of being left alone.
        await Within.Until(async () =>
        {
            await peer.SendAsync(Frames.Request("2", "{}"));
            return (string?)(await peer.ReadMessageAsync())["code"] == "DISPOSED";
        });
        Assert.False(disposing.IsCompleted);
        gate.SetResult();
        Assert.Equal(1024 * 1024, ((string?)(await peer.ReadMessageAsync())["text"])?.Length);
        await Within.Deadline(disposing);
        Assert.Null(await peer.ReadFrameAsync());
        Assert.True(server.Statistics.RefusedRequests > 0);
    }

    [Fact]
    public async Task Disposal_leaves_handlers_behind_that_do_not_end_in_the_drain_time()
    {
        await using var bench = new Bench();
        var clock = new FakeTimeProvider();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = await bench.StartAsync(
            "server",
            async _ =>
            {
                entered.SetResult();
                await gate.Task;
            },
            options => options with { DrainTimeout = TimeSpan.FromSeconds(5), TimeProvider = clock });
        using var peer = await bench.DialAsync("server");
        await peer.SendAsync(Frames.Request("1", "{}"));
        await Within.Deadline(entered.Task);
        var disposing = server.DisposeAsync().AsTask();
        await clock.WhenArmed();
        Assert.False(disposing.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(5));
        await Within.Deadline(disposing);
        Assert.Null(await peer.ReadFrameAsync());
        gate.SetResult();
    }

    [Fact]
    public async Task Disposal_ends_although_requests_wait_for_handlers_that_never_end()
    {
        await using var bench = new Bench();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = 0;
        var server = await bench.StartAsync(
            "server",
            async _ =>
            {
                Interlocked.Increment(ref calls);
                entered.TrySetResult();
                await gate.Task;
            },
            options => options with { HandlerConcurrency = 1, DrainTimeout = TimeSpan.FromMilliseconds(50) });
        using var peer = await bench.DialAsync("server");
        await peer.SendAsync(string.Concat(Enumerable.Range(0, 10).Select(id => Frames.Request($"{id}", "{}"))));
        await Within.Deadline(entered.Task);
        try
        {
            await Within.Deadline(server.DisposeAsync());
            await peer.WaitForEndAsync();
        }
        finally
        {
            gate.SetResult();
        }

        await Within.Until(() => server.Statistics.RunningHandlers == 0);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Disposal_inside_a_handler_ends_too()
    {
        await using var bench = new Bench();
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Server? server = null;
        server = await bench.StartAsync(
            "server",
            async _ =>
            {
                await server!.DisposeAsync();
                disposed.SetResult();
            },
            options => options with { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        using var peer = await bench.DialAsync("server");
        await peer.SendAsync(Frames.Request("1", "{}"));
        await Within.Deadline(disposed.Task);
        await peer.WaitForEndAsync();
    }

    [Fact]
    public async Task Disposal_twice_and_at_the_same_time_is_one_disposal()
    {
        await using var bench = new Bench();
        for (var round = 0; round < 20; round++)
        {
            var server = await bench.StartEchoAsync("server");
            var stopped = 0;
            server.Stopped += (_, _) => Interlocked.Increment(ref stopped);
            using var peer = await bench.DialledByAsync(server, $"peer{round}");
            var pending = server.SendAsync($"peer{round}", new { });
            await Within.Deadline(Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await server.DisposeAsync()))));
            await Within.Deadline(server.DisposeAsync());
            Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(() => pending)).Error);
            Assert.Equal(1, stopped);
            Assert.False(File.Exists(bench.PathOf("server")));
        }
    }

    [Fact]
    public async Task Disposal_while_requests_are_sent_ends_every_one_of_them()
    {
        for (var round = 0; round < 20; round++)
        {
            await using var bench = new Bench();
            var echo = await bench.StartEchoAsync("echo");
            var server = bench.Create("server");
            var outcomes = Enumerable.Range(0, 4).Select(_ => Task.Run(() => SendUntilRefusedAsync(server))).ToList();
            await Within.Until(() => echo.Statistics.RunningHandlers > 0 || outcomes.Exists(outcome => outcome.IsCompleted));
            await Within.Deadline(server.DisposeAsync());
            Assert.All(await Within.Deadline(Task.WhenAll(outcomes)), error => Assert.Equal(LinkError.Disposed, error));
        }

        static async Task<LinkError> SendUntilRefusedAsync(Server server)
        {
            while (true)
            {
                try
                {
                    await server.SendAsync("echo", new { });
                }
                catch (LinkException exception)
                {
                    return exception.Error;
                }
            }
        }
    }

    [Fact]
    public async Task Disposal_while_a_missing_peer_is_waited_for_ends_the_wait()
    {
        await using var bench = new Bench();
        var server = bench.Create("server", options => options with
        {
            WaitForPeer = Timeout.InfiniteTimeSpan,
            RequestTimeout = Timeout.InfiniteTimeSpan,
        });
        var sending = server.SendAsync("missing", new { });
        var connecting = server.ConnectToAsync("absent");
        Assert.False(sending.IsCompleted);
        await Within.Deadline(server.DisposeAsync());
        var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(sending));
        Assert.Equal((LinkError.Disposed, RequestFate.NotSent), (exception.Error, exception.Fate));
        Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(connecting))).Error);
    }

    [Fact]
    public async Task Disposal_does_not_wait_for_a_peer_that_does_not_read_beyond_the_write_time()
    {
        await using var bench = new Bench();
        var clock = new FakeTimeProvider();
        var server = bench.Create("server", options => options with { TimeProvider = clock });
        using var peer = await bench.DialledByAsync(server, "peer");
        var pending = server.SendAsync("peer", new { text = new string('x', 8 * 1024 * 1024) });
        var timers = clock.ArmedTimers;
        var disposing = server.DisposeAsync().AsTask();
        await clock.WhenArmed(timers + 1);
        Assert.False(disposing.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(10));
        await Within.Deadline(disposing);
        await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(pending));
    }

    [Fact]
    public async Task Stopping_keeps_the_connections()
    {
        await using var scene = await Scene.SetAsync();
        await Within.Deadline(scene.Server.StopAsync());
        Assert.False(scene.Server.IsStarted);
        await scene.AssertStrangerIsServedAsync(Side.Accepted);
        await scene.AssertOthersGoOnAsync();
        await Within.Deadline(scene.Server.StopAsync());
        await Within.Deadline(scene.Server.StartAsync());
        await scene.AssertStrangerIsServedAsync(Side.Accepted);
    }

    [Fact]
    public async Task A_second_live_server_of_the_process_is_refused_and_after_disposal_another_may_be_made()
    {
        await using var bench = new Bench();
        var options = bench.Options with { AllowMultiple = false };
        for (var round = 0; round < 3; round++)
        {
            await using var first = new Server("first", options);
            Assert.Throws<InvalidOperationException>(() => new Server("second", options));
            await using var allowed = new Server("third", bench.Options);
            await first.StartAsync();
            await Within.Deadline(first.DisposeAsync());
            await using var next = new Server("first", options);
            await next.StartAsync();
        }
    }

    [Fact]
    public async Task A_server_that_could_not_be_made_does_not_count_as_live()
    {
        await using var bench = new Bench();
        var options = bench.Options with { AllowMultiple = false };
        Assert.ThrowsAny<ArgumentException>(() => new Server("first", options with { MaxConnections = 0 }));
        using var broken = new BrokenLoggerFactory(makesLoggers: false);
        Assert.Throws<InvalidTimeZoneException>(() => new Server("first", options with { LoggerFactory = broken }));
        await using var server = new Server("first", options);
    }
}

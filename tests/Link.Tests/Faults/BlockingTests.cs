using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>User code that blocks the thread it is called on.</summary>
public sealed class BlockingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_handler_that_blocks_its_thread_does_not_stop_other_requests_of_the_same_connection(int blocked)
    {
        using var gate = new ManualResetEventSlim();
        var entered = new SemaphoreSlim(0);
        await using var bench = new Bench();
        await bench.StartAsync("server", message =>
        {
            if (message.Data["block"] is not null)
            {
                entered.Release();
                Assert.True(gate.Wait(Within.Default));
            }

            return message.ReplyAsync(new { });
        });
        using var peer = await bench.DialAsync("server");
        try
        {
            // One after the other, each alone in its read.
            for (var id = 1; id <= blocked; id++)
            {
                await peer.SendAsync(Frames.Request($"{id}", "{\"block\":true}"));
                Assert.True(await entered.WaitAsync(Within.Default));
            }

            for (var id = 100; id < 103; id++)
            {
                await peer.SendAsync(Frames.Request($"{id}", "{}"));
                Assert.Equal(id, (int?)(await peer.ReadMessageAsync())["id"]);
            }
        }
        finally
        {
            gate.Set();
        }

        for (var id = 1; id <= blocked; id++)
        {
            Assert.InRange((int)(await peer.ReadMessageAsync())["id"]!, 1, blocked);
        }
    }

    [Fact]
    public async Task A_handler_that_blocks_does_not_stop_the_requests_read_together_with_it()
    {
        using var gate = new ManualResetEventSlim();
        await using var bench = new Bench();
        await bench.StartAsync("server", message =>
        {
            if (message.Data["block"] is not null)
            {
                Assert.True(gate.Wait(Within.Default));
            }

            return message.ReplyAsync(new { });
        });
        using var peer = await bench.DialAsync("server");
        await peer.SendAsync(
            Frames.Request("1", "{}") + Frames.Request("2", "{\"block\":true}") + Frames.Request("3", "{\"block\":true}") + Frames.Request("4", "{}"));
        Assert.Equal(1, (int?)(await peer.ReadMessageAsync())["id"]);
        Assert.Equal(4, (int?)(await peer.ReadMessageAsync())["id"]);
        gate.Set();
        await peer.ReadMessageAsync();
        await peer.ReadMessageAsync();
    }

    [Fact]
    public async Task A_continuation_that_blocks_on_another_reply_of_the_same_batch_does_not_deadlock()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        using var peer = await bench.DialledByAsync(server, "peer");
        var first = server.SendAsync("peer", new { id = 1 });
        var second = server.SendAsync("peer", new { id = 2 });
        var blocking = first.ContinueWith(_ => second.Wait(Within.Default), TaskContinuationOptions.ExecuteSynchronously);
        await peer.SendAsync(Frames.Reply("1") + Frames.Reply("2"));
        Assert.True(await Within.Deadline(blocking));
    }

    [Fact]
    public async Task A_continuation_that_sends_and_blocks_on_the_reply_does_not_deadlock()
    {
        await using var bench = new Bench();
        await bench.StartEchoAsync("peer");
        var server = bench.Create("server");
        for (var round = 0; round < 20; round++)
        {
            var blocking = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendTwiceAsync()));
            Assert.All(await Within.Deadline(blocking), Assert.True);
        }

        // The continuation of the await runs on the worker of the connection, and blocks it.
        async Task<bool> SendTwiceAsync()
        {
            await server.SendAsync("peer", new { }).ConfigureAwait(false);
            return server.SendAsync("peer", new { }).Wait(Within.Default);
        }
    }

    [Fact]
    public async Task A_handler_that_calls_back_and_blocks_on_the_reply_does_not_deadlock()
    {
        await using var bench = new Bench();
        var caller = await bench.StartEchoAsync("caller");
        Server? callee = null;
        callee = await bench.StartAsync("callee", message =>
        {
            Assert.True(callee!.SendAsync("caller", new { back = true }).Wait(Within.Default));
            return message.ReplyAsync(new { });
        });
        await Within.Deadline(Task.WhenAll(Enumerable.Range(0, 8).Select(_ => caller.SendAsync("callee", new { }))));
    }

    [Fact]
    public async Task Event_handlers_that_throw_do_not_stop_the_server()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        server.Started += (_, _) => throw new InvalidOperationException("started");
        server.PeerConnected += (_, _) => throw new InvalidOperationException("connected");
        server.PeerDisconnected += (_, _) => throw new InvalidOperationException("disconnected");
        server.Error += (_, _) => throw new InvalidOperationException("error");
        var events = new Recorder(server);
        server.OnMessage(message => message.ReplyAsync(new { }));
        await server.StartAsync();
        for (var round = 0; round < 3; round++)
        {
            using var peer = await bench.DialAsync("server");
            await peer.SendAsync("null\f" + Frames.Request("1", "{}"));
            Assert.Equal(1, (int?)(await peer.ReadMessageAsync())["id"]);
        }

        await Within.Deadline(server.DisposeAsync());
        Assert.Empty(events.All);
    }

    [Fact]
    public async Task A_logger_that_throws_does_not_stop_the_server()
    {
        using var broken = new BrokenLoggerFactory(makesLoggers: true);
        await using var scene = await Scene.SetAsync(change: options => options with { LoggerFactory = broken });
        await scene.Stranger.SendAsync("null\f");
        await scene.Events.NextFaultAsync();
        await scene.AssertStrangerIsServedAsync(Side.Accepted);
        scene.Stranger.Dispose();
        await scene.Events.NextDisconnectedAsync();
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task Event_handlers_that_block_do_not_stop_the_server()
    {
        using var gate = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        await using var bench = new Bench();
        var server = bench.Create("server", options => options with { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        server.PeerConnected += (_, _) =>
        {
            entered.Set();
            gate.Wait(Within.Default);
        };
        server.OnMessage(message => message.ReplyAsync(new { }));
        await server.StartAsync();
        try
        {
            for (var round = 0; round < 20; round++)
            {
                using var peer = await bench.DialAsync("server");
                await peer.SendAsync("null\f" + Frames.Request("1", "{}"));
                Assert.Equal(1, (int?)(await peer.ReadMessageAsync())["id"]);
                Assert.True(entered.Wait(Within.Default));
            }

            await Within.Deadline(server.DisposeAsync());
        }
        finally
        {
            gate.Set();
        }
    }

    [Fact]
    public async Task Events_beyond_what_a_blocking_handler_leaves_room_for_are_lost_and_counted()
    {
        using var gate = new ManualResetEventSlim();
        await using var bench = new Bench();
        var server = bench.Create("server", options => options with { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        server.Error += (_, _) => gate.Wait(Within.Default);
        await server.StartAsync();
        try
        {
            using var peer = await bench.DialAsync("server");
            for (var sent = 100; server.Statistics.LostEvents == 0; sent += 100)
            {
                await peer.SendAsync(string.Concat(Enumerable.Repeat("null\f", 100)));
                await Within.Until(() => server.Statistics.TransportFaults == sent);
                Assert.InRange(sent, 100, 100_000);
            }
        }
        finally
        {
            gate.Set();
        }
    }
}

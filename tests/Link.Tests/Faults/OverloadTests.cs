using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>Peers that take less than they are given.</summary>
public sealed class OverloadTests
{
    private const int Backlog = 256 * 1024;

    [Fact]
    public async Task A_slow_reader_gets_its_sender_refused_and_nothing_is_buffered_without_end()
    {
        await using var bench = new Bench();
        var server = bench.Create("server", Small);
        using var peer = await bench.DialledByAsync(server, "peer");
        var data = new { text = new string('x', 16 * 1024) };
        var pending = new List<Task<Reply>>();
        LinkException? refused = null;
        while (refused is null)
        {
            try
            {
                var promise = server.SendAsync("peer", data);
                if (promise.IsFaulted)
                {
                    await promise;
                }

                pending.Add(promise);
                Assert.InRange(pending.Count, 1, 1000);
            }
            catch (LinkException exception)
            {
                refused = exception;
            }
        }

        Assert.Equal((LinkError.Overloaded, RequestFate.NotSent), (refused.Error, refused.Fate));
        Assert.Equal(pending.Count, server.Statistics.PendingRequests);
        Assert.All(pending, promise => Assert.False(promise.IsCompleted));

        // As soon as it reads, everything accepted arrives, and there is room again.
        for (var answered = 0; answered < pending.Count; answered++)
        {
            await peer.AnswerAsync();
        }

        await Within.Deadline(Task.WhenAll(pending));
        var next = server.SendAsync("peer", data);
        await peer.AnswerAsync();
        await Within.Deadline(next);
    }

    [Fact]
    public async Task A_reader_that_has_stopped_is_given_up_after_the_write_time()
    {
        var clock = new FakeTimeProvider();
        await using var bench = new Bench();
        var server = bench.Create("server", options => Small(options) with { TimeProvider = clock, RequestTimeout = Timeout.InfiniteTimeSpan });
        var events = new Recorder(server);
        using var peer = await bench.DialledByAsync(server, "peer");
        var timers = clock.ArmedTimers;
        var pending = new List<Task<Reply>>();
        while (clock.ArmedTimers == timers)
        {
            pending.Add(server.SendAsync("peer", new { text = new string('x', 16 * 1024) }));
            Assert.InRange(pending.Count, 1, 1000);
        }

        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(LinkError.Overloaded, (await events.NextDisconnectedAsync()).Error?.Error);
        foreach (var promise in pending)
        {
            Assert.Equal(LinkError.Overloaded, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(promise))).Error);
        }

        Assert.Equal(0, server.Statistics.PendingRequests);
        Assert.False(server.HasPeer("peer"));
    }

    [Fact]
    public async Task A_requester_that_does_not_read_its_replies_is_given_up_and_the_others_are_served()
    {
        var clock = new FakeTimeProvider();
        await using var bench = new Bench();
        var server = bench.Create("server", options => Small(options) with { TimeProvider = clock });
        var events = new Recorder(server);
        server.OnMessage(message => message.ReplyAsync(new { text = new string('x', 16 * 1024) }));
        await server.StartAsync();
        using var other = await bench.DialAsync("server");
        using var slow = await bench.DialAsync("server");
        var timers = clock.ArmedTimers;
        var waiting = 0;
        for (var id = 0; waiting < 5; id++)
        {
            Assert.True(await slow.TrySendAsync(Frames.Bytes(Frames.Request($"{id}", "{}"))));
            await other.SendAsync(Frames.Request("1", "{}"));
            Assert.True((bool?)(await other.ReadMessageAsync())["success"]);
            Assert.InRange(id, 0, 1000);

            // A write to the slow one that waits goes on waiting; others may wait for a moment.
            waiting = clock.ArmedTimers > timers ? waiting + 1 : 0;
        }

        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(LinkError.Overloaded, (await events.NextDisconnectedAsync()).Error?.Error);
        await other.SendAsync(Frames.Request("2", "{}"));
        Assert.True((bool?)(await other.ReadMessageAsync())["success"]);
    }

    [Fact]
    public async Task Too_many_pending_requests_are_refused_as_overloaded()
    {
        await using var bench = new Bench();
        var server = bench.Create("server", options => options with { MaxPendingRequests = 2 });
        using var peer = await bench.DialledByAsync(server, "peer");
        var first = server.SendAsync("peer", new { });
        _ = server.SendAsync("peer", new { });
        var exception = await Assert.ThrowsAsync<LinkException>(() => server.SendAsync("peer", new { }));
        Assert.Equal((LinkError.Overloaded, RequestFate.NotSent), (exception.Error, exception.Fate));
        await peer.AnswerAsync();
        await Within.Deadline(first);
        _ = server.SendAsync("peer", new { });
        Assert.Equal(2, server.Statistics.PendingRequests);
    }

    [Fact]
    public async Task A_request_larger_than_the_limit_is_refused_and_the_connection_goes_on()
    {
        await using var bench = new Bench();
        var server = bench.Create("server", Small);
        using var peer = await bench.DialledByAsync(server, "peer");
        var exception = await Assert.ThrowsAsync<LinkException>(() => server.SendAsync("peer", new { text = new string('x', Backlog) }));
        Assert.Equal((LinkError.TooLarge, RequestFate.NotSent), (exception.Error, exception.Fate));
        var next = server.SendAsync("peer", new { });
        await peer.AnswerAsync();
        await Within.Deadline(next);
    }

    private static ServerOptions Small(ServerOptions options) => options with { MaxFrameBytes = 32 * 1024, OutboundBacklogBytes = Backlog };
}

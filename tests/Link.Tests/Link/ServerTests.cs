using Link.Abstractions;
using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests;

public sealed class ServerTests : ServerTest
{
    [Fact]
    public void A_server_has_a_name()
    {
        Assert.Throws<ArgumentNullException>(() => new Server(null!));
        Assert.Throws<ArgumentException>(() => new Server(""));
        Assert.Equal("one", Create("one").Name);
    }

    [Fact]
    public async Task A_server_starts_with_a_reason()
    {
        var server = Create("one");
        var started = new Inbox<string?>();
        server.Started += (sender, e) =>
        {
            Assert.Same(server, sender);
            started.Put(e.Reason);
        };
        Assert.False(server.IsStarted);
        await Within.Deadline(server.StartAsync("because"));
        Assert.True(server.IsStarted);
        Assert.Equal("because", await started.NextAsync());
    }

    [Fact]
    public async Task A_server_stops_with_a_reason_and_starts_again()
    {
        var server = Create("one");
        var events = new Inbox<string>();
        server.Started += (_, e) => events.Put($"started {e.Reason}");
        server.Stopped += (_, e) => events.Put($"stopped {e.Reason}");
        await Within.Deadline(server.StartAsync("a"));
        await Within.Deadline(server.StopAsync("b"));
        Assert.False(server.IsStarted);
        await Within.Deadline(server.StopAsync("unheard"));
        await Within.Deadline(server.StartAsync());
        await Within.Deadline(server.DisposeAsync());
        Assert.False(server.IsStarted);
        foreach (var expected in (string[])["started a", "stopped b", "started ", "stopped "])
        {
            Assert.Equal(expected, await events.NextAsync());
        }

        Assert.False(events.TryNext(out _));
    }

    [Fact]
    public async Task A_started_server_cannot_be_started()
    {
        var server = await StartAsync("one");
        await Assert.ThrowsAsync<InvalidOperationException>(() => Within.Deadline(server.StartAsync()));
        Assert.True(server.IsStarted);
    }

    [Fact]
    public async Task A_name_that_is_taken_cannot_be_had()
    {
        var first = await StartAsync("one");
        var second = Create("one");
        await FailsAsync(LinkError.NameUnavailable, RequestFate.NotSent, () => second.StartAsync());
        Assert.False(second.IsStarted);
        await Within.Deadline(first.StopAsync());
        await Within.Deadline(second.StartAsync());
    }

    [Fact]
    public async Task A_cancelled_start_starts_nothing()
    {
        var server = Create("one");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(server.StartAsync(null, new CancellationToken(true))));
        Assert.False(server.IsStarted);
        await StartAsync("one");
    }

    [Fact]
    public async Task Open_connections_go_on_after_a_stop()
    {
        var peer = await StartAsync("peer", Echo);
        var caller = Create("caller");
        await Within.Deadline(caller.SendAsync("peer", new { a = 1 }));
        await Within.Deadline(peer.StopAsync());
        await Within.Deadline(caller.SendAsync("peer", new { a = 2 }));
        await FailsAsync(LinkError.NoSuchPeer, RequestFate.NotSent, () => Create("late").SendAsync("peer", new { }));
    }

    [Fact]
    public async Task A_disposed_server_does_nothing_more()
    {
        await StartAsync("peer", Echo);
        var server = await StartAsync("one");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Within.Deadline(server.DisposeAsync()))));
        await Within.Deadline(server.DisposeAsync());

        await Assert.ThrowsAsync<ObjectDisposedException>(() => Within.Deadline(server.StartAsync()));
        await Within.Deadline(server.StopAsync());
        await FailsAsync(LinkError.Disposed, RequestFate.NotSent, () => server.SendAsync("peer", new { }));
        await FailsAsync(LinkError.Disposed, RequestFate.NotSent, () => server.SendAsync("peer", Payload.FromJson("{}")));
        await FailsAsync(LinkError.Disposed, RequestFate.NotSent, () => server.SendAsync<object>("peer", new { }));
        await FailsAsync(LinkError.Disposed, RequestFate.NotSent, () => server.ConnectToAsync("peer"));
        Assert.False(await Within.Deadline(server.DisconnectAsync("peer")));
    }

    [Fact]
    public async Task Disposal_ends_a_dial_that_waits()
    {
        var server = Create("one", Options() with { WaitForPeer = Timeout.InfiniteTimeSpan, RequestTimeout = Timeout.InfiniteTimeSpan });
        var call = server.SendAsync("nobody", new { });
        await Within.Deadline(server.DisposeAsync());
        await FailsAsync(LinkError.Disposed, RequestFate.NotSent, () => call);
    }

    [Fact]
    public async Task Disposal_waits_for_handlers_no_longer_than_its_time()
    {
        var clock = new FakeTimeProvider();
        var handling = new Inbox<Message>();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var peer = await StartAsync(
            "peer",
            message =>
            {
                handling.Put(message);
                return release.Task;
            },
            Options() with { DrainTimeout = TimeSpan.FromSeconds(5), TimeProvider = clock });
        var call = Create("caller").SendAsync("peer", new { });
        await handling.NextAsync();

        var disposal = peer.DisposeAsync().AsTask();
        await clock.WhenArmed();
        Assert.False(disposal.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(5));
        await Within.Deadline(disposal);
        await FailsAsync(LinkError.ConnectionLost, RequestFate.Unknown, () => call);
        release.SetResult();
    }

    [Fact]
    public async Task Handlers_that_run_may_still_reply_during_disposal_and_new_requests_are_refused()
    {
        var handling = new Inbox<Message>();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var peer = await StartAsync(
            "peer",
            async message =>
            {
                handling.Put(message);
                await release.Task;
                await message.ReplyAsync(new { late = true });
            },
            Options() with { DrainTimeout = TimeSpan.FromMinutes(5) });
        var caller = Create("caller");
        var call = caller.SendAsync("peer", new { });
        await handling.NextAsync();

        var disposal = peer.DisposeAsync().AsTask();
        var refused = await AskUntilRefusedAsync(caller, handling);
        Assert.Equal("DISPOSED", refused.Code);
        release.SetResult();
        Assert.True((bool)(await Within.Deadline(call))["late"]!);
        await Within.Deadline(disposal);
        Assert.True(peer.Statistics.RefusedRequests > 0);
    }

    // Requests that come before the drain has begun wait in the handler; the first one after it is refused.
    private static async Task<RejectedException> AskUntilRefusedAsync(Server caller, Inbox<Message> handling)
    {
        while (true)
        {
            var call = caller.SendAsync("peer", new { });
            var handled = handling.NextAsync();
            if (await Task.WhenAny(call, handled) == call)
            {
                return await Assert.ThrowsAsync<RejectedException>(() => call);
            }
        }
    }
}

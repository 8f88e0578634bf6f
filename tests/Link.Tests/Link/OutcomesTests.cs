using Link.Abstractions;
using Link.InMemory;
using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests;

/// <summary>Every way a call can end, and what it says of whether the request may have run.</summary>
public sealed class OutcomesTests : ServerTest
{
    private readonly Inbox<Message> _messages = new();

    [Fact]
    public Task Nobody_of_that_name() =>
        FailsAsync(LinkError.NoSuchPeer, RequestFate.NotSent, () => Create("caller").SendAsync("nobody", new { }));

    [Fact]
    public async Task No_reply_in_time()
    {
        var clock = new FakeTimeProvider();
        var caller = await CallerOfSilentAsync(Options() with { TimeProvider = clock, RequestTimeout = TimeSpan.FromSeconds(30) });
        var usual = caller.SendAsync("peer", new { });
        await _messages.NextAsync();
        var quick = caller.SendAsync("peer", new { }, new SendOptions { Timeout = TimeSpan.FromSeconds(1) });
        await _messages.NextAsync();
        clock.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.False(quick.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));
        await FailsAsync(LinkError.Timeout, RequestFate.Unknown, () => quick);
        Assert.False(usual.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(29));
        await FailsAsync(LinkError.Timeout, RequestFate.Unknown, () => usual);
        Assert.Equal(0, caller.Statistics.PendingRequests);
    }

    [Fact]
    public async Task A_late_reply_is_ignored_and_counted()
    {
        var clock = new FakeTimeProvider();
        var caller = await CallerOfSilentAsync(Options() with { TimeProvider = clock });
        var call = caller.SendAsync("peer", new { });
        var message = await _messages.NextAsync();
        clock.Advance(TimeSpan.FromSeconds(30));
        await FailsAsync(LinkError.Timeout, RequestFate.Unknown, () => call);
        await Within.Deadline(message.ReplyAsync(new { }));
        await Within.Until(() => caller.Statistics.UnknownReplies == 1);
    }

    [Fact]
    public async Task No_connection_in_time()
    {
        var clock = new FakeTimeProvider();
        var transport = new FakeTransport(async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            throw new InvalidOperationException();
        });
        var caller = Create("caller", Options() with { Transport = transport.Object, TimeProvider = clock });
        var call = caller.SendAsync("peer", new { }, new SendOptions { Timeout = TimeSpan.FromSeconds(3) });
        await clock.WhenArmed();
        clock.Advance(TimeSpan.FromSeconds(3));
        await FailsAsync(LinkError.Timeout, RequestFate.NotSent, () => call);
    }

    [Fact]
    public async Task A_write_that_is_never_accepted_does_not_outlast_the_timeout()
    {
        var clock = new FakeTimeProvider();
        var never = new TaskCompletionSource();
        var connection = new FakeConnection("peer") { Acceptance = never.Task };
        var caller = Create("caller", Options() with { Transport = new FakeTransport(connection).Object, TimeProvider = clock });
        await Within.Deadline(caller.ConnectToAsync("peer"));
        var call = caller.SendAsync("peer", new { });
        clock.Advance(TimeSpan.FromSeconds(30));
        await FailsAsync(LinkError.Timeout, RequestFate.Unknown, () => call);
        never.SetResult();
    }

    [Fact]
    public async Task A_write_that_is_refused_late_fails_its_call()
    {
        var refused = new TaskCompletionSource();
        var connection = new FakeConnection("peer") { Acceptance = refused.Task };
        var caller = Create("caller", Options() with { Transport = new FakeTransport(connection).Object });
        var call = caller.SendAsync("peer", new { });
        await Within.Until(() => caller.Statistics.PendingRequests == 1);
        refused.SetException(new LinkException(LinkError.Overloaded, "Full."));
        await FailsAsync(LinkError.Overloaded, RequestFate.NotSent, () => call);
        Assert.Equal(0, caller.Statistics.PendingRequests);
    }

    [Fact]
    public async Task Cancelled_before_it_was_sent()
    {
        var caller = await CallerOfSilentAsync();
        for (var round = 0; round < 2; round++)
        {
            await CancelledAsync(RequestFate.NotSent, () => caller.SendAsync("peer", new { }, new CancellationToken(true)));
            await Within.Deadline(caller.ConnectToAsync("peer"));
        }

        Assert.False(_messages.TryNext(out _));
        Assert.Equal(0, caller.Statistics.PendingRequests);
    }

    [Fact]
    public async Task Cancelled_while_it_connects()
    {
        var caller = Create("caller", Options() with { WaitForPeer = Timeout.InfiniteTimeSpan });
        using var cancellation = new CancellationTokenSource();
        var call = caller.SendAsync("nobody", new { }, cancellation.Token);
        var connecting = caller.ConnectToAsync("nobody", cancellation.Token);
        await cancellation.CancelAsync();
        await CancelledAsync(RequestFate.NotSent, () => call);
        await CancelledAsync(RequestFate.NotSent, () => connecting);
    }

    [Fact]
    public async Task Cancelled_after_it_was_sent()
    {
        var caller = await CallerOfSilentAsync();
        using var cancellation = new CancellationTokenSource();
        var call = caller.SendAsync("peer", new { }, cancellation.Token);
        var message = await _messages.NextAsync();
        await cancellation.CancelAsync();
        var cancelled = await CancelledAsync(RequestFate.Unknown, () => call);
        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
        Assert.Equal(0, caller.Statistics.PendingRequests);
        await Within.Deadline(message.ReplyAsync(new { }));
        await Within.Until(() => caller.Statistics.UnknownReplies == 1);
    }

    [Fact]
    public async Task The_peer_closed_the_connection()
    {
        var caller = await CallerOfSilentAsync();
        var call = caller.SendAsync("peer", new { });
        await _messages.NextAsync();
        await Within.Deadline(Peer!.DisposeAsync());
        await FailsAsync(LinkError.ConnectionLost, RequestFate.Unknown, () => call);
    }

    [Fact]
    public async Task This_process_closed_the_connection()
    {
        var caller = await CallerOfSilentAsync();
        var calls = Enumerable.Range(0, 10).Select(_ => caller.SendAsync("peer", new { })).ToList();
        await _messages.NextAsync();
        Assert.True(await Within.Deadline(caller.DisconnectAsync("peer")));
        foreach (var call in calls)
        {
            await FailsAsync(LinkError.ConnectionLost, RequestFate.Unknown, () => call);
        }
    }

    [Fact]
    public async Task Too_large()
    {
        var caller = await CallerOfSilentAsync(Options(new InMemoryOptions { MaxFrameBytes = 1000 }));
        for (var round = 0; round < 2; round++)
        {
            await FailsAsync(LinkError.TooLarge, RequestFate.NotSent, () => caller.SendAsync("peer", new { text = new string('x', 1000) }));
            Assert.Equal(0, caller.Statistics.PendingRequests);
            await Within.Deadline(caller.ConnectToAsync("peer"));
        }
    }

    [Fact]
    public async Task Too_many_pending()
    {
        var caller = await CallerOfSilentAsync(Options() with { MaxPendingRequests = 2 });
        var first = caller.SendAsync("peer", new { });
        var message = await _messages.NextAsync();
        var second = caller.SendAsync("peer", new { });
        await _messages.NextAsync();
        await FailsAsync(LinkError.Overloaded, RequestFate.NotSent, () => caller.SendAsync("peer", new { }));
        await Within.Deadline(message.ReplyAsync(new { }));
        await Within.Deadline(first);
        Assert.False(second.IsCompleted);
        _ = caller.SendAsync("peer", new { });
        await _messages.NextAsync();
    }

    [Fact]
    public async Task Another_users_process()
    {
        var transport = new FakeTransport((_, _) => Task.FromException<IConnection>(new LinkException(LinkError.Untrusted, "Not yours.")));
        var caller = Create("caller", Options() with { Transport = transport.Object, WaitForPeer = Timeout.InfiniteTimeSpan });
        await FailsAsync(LinkError.Untrusted, RequestFate.NotSent, () => caller.SendAsync("peer", new { }));
        Assert.Equal(1, transport.Attempts);
    }

    [Fact]
    public async Task This_server_was_disposed()
    {
        var caller = await CallerOfSilentAsync();
        var call = caller.SendAsync("peer", new { });
        await _messages.NextAsync();
        await Within.Deadline(caller.DisposeAsync());
        await FailsAsync(LinkError.Disposed, RequestFate.Unknown, () => call);
    }

    [Fact]
    public async Task The_peer_broke_the_protocol()
    {
        var connection = new FakeConnection("peer");
        var caller = Create("caller", Options() with { Transport = new FakeTransport(connection).Object });
        var call = caller.SendAsync("peer", new { });
        await connection.Written.NextAsync();
        connection.End(new LinkException(LinkError.ProtocolViolation, "Malformed.", RequestFate.Unknown, connection.Peer));
        await FailsAsync(LinkError.ProtocolViolation, RequestFate.Unknown, () => call);
    }

    [Fact]
    public async Task A_request_that_makes_no_json()
    {
        var caller = await CallerOfSilentAsync();
        await FailsAsync(
            LinkError.InvalidData, RequestFate.NotSent, () => caller.SendAsync("peer", new { type = typeof(string).GetMethods()[0] }));
    }

    [Fact]
    public async Task A_reply_to_another_connection_is_no_reply()
    {
        var connections = (FakeConnection[])[new("one"), new("two")];
        var caller = Create("caller", Options() with { Transport = new FakeTransport(connections).Object });
        var call = caller.SendAsync("one", new { id = 1 });
        var (id, _) = await connections[0].Written.NextAsync();
        await Within.Deadline(caller.ConnectToAsync("two"));
        connections[1].Answer(id);
        await Within.Until(() => caller.Statistics.UnknownReplies == 1);
        Assert.False(call.IsCompleted);
        connections[0].Answer(id);
        await Within.Deadline(call);
        connections[0].Answer(id);
        await Within.Until(() => caller.Statistics.UnknownReplies == 2);
    }

    private Server? Peer { get; set; }

    private async Task<Server> CallerOfSilentAsync(ServerOptions? options = null)
    {
        Peer = await StartAsync("peer", message =>
        {
            _messages.Put(message);
            return Task.CompletedTask;
        });
        return Create("caller", options);
    }

    private static async Task<OperationCanceledException> CancelledAsync(RequestFate fate, Func<Task> call)
    {
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(call()));
        var inner = Assert.IsType<LinkException>(cancelled.InnerException);
        Assert.Equal((LinkError.Cancelled, fate), (inner.Error, inner.Fate));
        return cancelled;
    }
}

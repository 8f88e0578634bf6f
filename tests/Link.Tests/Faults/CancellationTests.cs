using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>Calls given up by their caller: the fate tells whether the peer may have seen the request.</summary>
public sealed class CancellationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_cancelled_before_the_write_sends_nothing(bool connected)
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        using var listener = bench.Listen("peer");
        RawPeer? peer = null;
        if (connected)
        {
            var connecting = server.ConnectToAsync("peer");
            peer = await listener.AcceptAsync();
            await connecting;
        }

        await AssertCancelledAsync(server.SendAsync("peer", new { a = 1 }, new CancellationToken(canceled: true)), RequestFate.NotSent);
        var next = server.SendAsync("peer", new { a = 2 });
        using (peer ??= await listener.AcceptAsync())
        {
            Assert.Contains("\"a\":2", await peer.ReadTextAsync(), StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<LinkException>(() => next);
        Assert.Equal(0, server.Statistics.PendingRequests);
    }

    [Fact]
    public async Task A_call_cancelled_while_dialling_sends_nothing()
    {
        var clock = new FakeTimeProvider();
        await using var bench = new Bench();
        var server = bench.Create("server", options => options with { WaitForPeer = TimeSpan.FromSeconds(20), TimeProvider = clock });
        using var cancellation = new CancellationTokenSource();
        var promise = server.SendAsync("missing", new { }, cancellation.Token);
        await cancellation.CancelAsync();
        await AssertCancelledAsync(promise, RequestFate.NotSent);
        Assert.Equal(0, server.Statistics.PendingRequests);
    }

    [Fact]
    public async Task A_call_cancelled_during_the_write_may_have_run()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        using var peer = await bench.DialledByAsync(server, "peer");

        // More than a socket holds: the frame is on its way, and not all of it has left.
        using var cancellation = new CancellationTokenSource();
        var promise = server.SendAsync("peer", new { text = new string('x', 8 * 1024 * 1024) }, cancellation.Token);
        Assert.Equal(1, server.Statistics.PendingRequests);
        await cancellation.CancelAsync();
        await AssertCancelledAsync(promise, RequestFate.Unknown);
        Assert.Equal(0, server.Statistics.PendingRequests);

        // The frame still goes out whole, and the connection goes on.
        Assert.True((await peer.ReadTextAsync()).Length > 8 * 1024 * 1024);
        var next = server.SendAsync("peer", new { });
        await peer.AnswerAsync();
        await Within.Deadline(next);
    }

    [Fact]
    public async Task A_call_cancelled_after_the_write_may_have_run_and_its_reply_is_ignored()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        using var peer = await bench.DialledByAsync(server, "peer");
        using var cancellation = new CancellationTokenSource();
        var promise = server.SendAsync("peer", new { }, cancellation.Token);
        var id = (await peer.ReadMessageAsync())["id"]!.ToJsonString();
        await cancellation.CancelAsync();
        await AssertCancelledAsync(promise, RequestFate.Unknown);

        await peer.SendAsync(Frames.Reply(id));
        var next = server.SendAsync("peer", new { });
        await peer.AnswerAsync();
        await Within.Deadline(next);
        Assert.Equal(1, server.Statistics.UnknownReplies);
    }

    [Fact]
    public async Task A_token_cancelled_after_the_reply_changes_nothing()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        using var peer = await bench.DialledByAsync(server, "peer");
        using var cancellation = new CancellationTokenSource();
        var promise = server.SendAsync("peer", new { }, cancellation.Token);
        await peer.AnswerAsync();
        var reply = await Within.Deadline(promise);
        await cancellation.CancelAsync();
        Assert.Same(reply, await promise);
    }

    [Fact]
    public async Task Cancelling_one_of_two_calls_that_dial_together_leaves_the_other()
    {
        await using var bench = new Bench();
        var server = bench.Create("server", options => options with { WaitForPeer = Within.Default, Retry = TimeSpan.FromMilliseconds(10) });
        using var cancellation = new CancellationTokenSource();
        var given = server.SendAsync("peer", new { }, cancellation.Token);
        var kept = server.SendAsync("peer", new { });
        await cancellation.CancelAsync();
        await AssertCancelledAsync(given, RequestFate.NotSent);

        using var listener = bench.Listen("peer");
        using var peer = await listener.AcceptAsync();
        await peer.AnswerAsync();
        await Within.Deadline(kept);
    }

    private static async Task AssertCancelledAsync(Task promise, RequestFate fate)
    {
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(promise));
        var inner = Assert.IsType<LinkException>(exception.InnerException);
        Assert.Equal((LinkError.Cancelled, fate), (inner.Error, inner.Fate));
    }
}

using Link.Abstractions;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The examples of errors-and-timeouts.md.</summary>
public class ErrorsAndTimeoutsExamples : Example
{
    private static readonly TimeSpan RequestTimeout = new ServerOptions().RequestTimeout;

    // docs: errors-and-timeouts outcomes
    public static async Task<string> OrderAsync(Server server)
    {
        try
        {
            Reply reply = await server.SendAsync("shop", new { item = "tea" });
            return $"The total is {reply["total"]}.";
        }
        catch (RejectedException e)
        {
            return $"The shop said no: {e.Code}, {e.Reply["message"]}";
        }
        catch (LinkException e) when (e.Fate == RequestFate.NotSent)
        {
            return $"Nothing was ordered: {e.Error}";
        }
        catch (LinkException e)
        {
            return $"Perhaps it was ordered, perhaps not: {e.Error}";
        }
    }
    // end

    // docs: errors-and-timeouts retry
    public static async Task<Reply> SendWithRetryAsync(
        Server server, string peer, object data, int attempts, TimeSpan pause, CancellationToken cancellationToken = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await server.SendAsync(peer, data, cancellationToken);
            }
            catch (LinkException e) when (attempt < attempts && IsSafeToRepeat(e))
            {
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    private static bool IsSafeToRepeat(LinkException e) =>
        e.Fate == RequestFate.NotSent
        && e.Error is LinkError.NoSuchPeer or LinkError.Overloaded or LinkError.ConnectionLost or LinkError.Timeout;
    // end

    [Fact]
    public async Task Every_outcome_can_be_told_from_the_others()
    {
        var clock = new FakeTimeProvider();
        await using var server = new Server("till", Isolated with { TimeProvider = clock });
        Assert.Equal("Nothing was ordered: NoSuchPeer", await OrderAsync(server));

        var answer = (Message message) => message.ReplyAsync(new { total = 3 });
        await Answering("shop", message => answer(message));
        Assert.Equal("The total is 3.", await OrderAsync(server));

        answer = _ => throw new InvalidOperationException("We are out of tea.");
        Assert.Equal("The shop said no: HANDLER_FAILED, We are out of tea.", await OrderAsync(server));

        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        answer = _ => Arrive(arrived);
        var unanswered = OrderAsync(server);
        await Within.Deadline(arrived.Task);
        clock.Advance(RequestTimeout);
        Assert.Equal("Perhaps it was ordered, perhaps not: Timeout", await Within.Deadline(unanswered));
    }

    [Fact]
    public async Task What_was_not_sent_is_sent_again()
    {
        await using var server = new Server("till", Isolated);
        var reply = SendWithRetryAsync(server, "shop", new { item = "tea" }, int.MaxValue, TimeSpan.FromMilliseconds(1));
        await Answering("shop", message => message.ReplyAsync(new { total = 3 }));
        Assert.True((await Within.Deadline(reply)).Success);
        var exception = await Assert.ThrowsAsync<LinkException>(
            () => SendWithRetryAsync(server, "nobody", new { }, 2, TimeSpan.FromMilliseconds(1)));
        Assert.Equal(LinkError.NoSuchPeer, exception.Error);
    }

    [Fact]
    public async Task What_may_have_run_is_not_sent_again()
    {
        var clock = new FakeTimeProvider();
        await using var server = new Server("till", Isolated with { TimeProvider = clock });
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var requests = 0;
        await Answering("shop", _ =>
        {
            Interlocked.Increment(ref requests);
            return Arrive(arrived);
        });
        var unanswered = SendWithRetryAsync(server, "shop", new { }, 3, TimeSpan.FromMilliseconds(1));
        await Within.Deadline(arrived.Task);
        clock.Advance(RequestTimeout);
        var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(unanswered));
        Assert.Equal((LinkError.Timeout, RequestFate.Unknown), (exception.Error, exception.Fate));
        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task A_cancelled_call_tells_whether_it_was_sent()
    {
        await using var server = new Server("till", Isolated);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Answering("shop", _ => Arrive(arrived));
        Assert.True(await WasNotSent(server, new CancellationToken(canceled: true)));

        using var source = new CancellationTokenSource();
        var sent = WasNotSent(server, source.Token);
        await Within.Deadline(arrived.Task);
        await source.CancelAsync();
        Assert.False(await Within.Deadline(sent));
    }

    private static async Task<bool> WasNotSent(Server server, CancellationToken cancellationToken)
    {
        // docs: errors-and-timeouts cancel
        var nothingSent = false;
        try
        {
            await server.SendAsync("shop", new { item = "tea" }, cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            nothingSent = e.InnerException is LinkException { Fate: RequestFate.NotSent };
        }
        // end

        return nothingSent;
    }

    private static Task Arrive(TaskCompletionSource arrived)
    {
        arrived.TrySetResult();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_missing_peer_can_be_waited_for()
    {
        var options = Isolated;

        // docs: errors-and-timeouts wait
        await using var server = new Server("till", options with
        {
            WaitForPeer = TimeSpan.FromSeconds(20),
            Retry = TimeSpan.FromMilliseconds(100),
        });
        Task<Reply> early = server.SendAsync("shop", new { item = "tea" });
        // end

        await Answering("shop", message => message.ReplyAsync(new { total = 3 }));
        Assert.True((await Within.Deadline(early)).Success);
    }
}

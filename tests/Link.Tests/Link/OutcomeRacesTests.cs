using Link.Abstractions;
using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests;

public sealed class OutcomeRacesTests : ServerTest
{
    private const int Rounds = 1_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reply_timeout_and_cancellation_and_loss_give_one_outcome(bool withLoss)
    {
        var clock = new FakeTimeProvider();
        var messages = new Inbox<Message>();
        await StartAsync("peer", message =>
        {
            messages.Put(message);
            return Task.CompletedTask;
        });
        var caller = Create("caller", Options() with { TimeProvider = clock });
        var outcomes = new Dictionary<string, int>();
        for (var round = 0; round < Rounds; round++)
        {
            using var cancellation = new CancellationTokenSource();
            var call = caller.SendAsync(
                "peer", new { round }, new SendOptions { Timeout = TimeSpan.FromSeconds(1), Id = "same" }, cancellation.Token);
            var message = await messages.NextAsync();
            Func<Task>[] racers = [
                () => ReplyAsync(message),
                () => Run(() => clock.Advance(TimeSpan.FromSeconds(1))),
                () => Run(cancellation.Cancel),
                () => withLoss ? caller.DisconnectAsync("peer") : Task.CompletedTask];
            using var together = new Barrier(racers.Length);
            var races = racers.Select(race => Task.Factory.StartNew(
                () =>
                {
                    Assert.True(together.SignalAndWait(Within.Default));
                    return race();
                },
                CancellationToken.None,
                TaskCreationOptions.None,
                TaskScheduler.Default).Unwrap()).ToList();
            var outcome = await OutcomeAsync(call);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            await Within.Deadline(Task.WhenAll(races));
            Assert.Equal(0, caller.Statistics.PendingRequests);
        }

        string[] expected = withLoss ? ["replied", "Timeout", "Cancelled", "ConnectionLost"] : ["replied", "Timeout", "Cancelled"];
        Assert.Subset(expected.ToHashSet(), outcomes.Keys.ToHashSet());
        Assert.Equal(Rounds, outcomes.Values.Sum());
        if (!withLoss)
        {
            // No reply is lost: one that did not end its request was unknown.
            await Within.Until(() => caller.Statistics.UnknownReplies == Rounds - outcomes.GetValueOrDefault("replied"));
        }
    }

    [Fact]
    public async Task A_connection_that_is_lost_while_requests_are_sent_forgets_none()
    {
        await StartAsync("peer", Echo);
        var caller = Create("caller");
        for (var round = 0; round < 200; round++)
        {
            await Within.Deadline(caller.ConnectToAsync("peer"));
            var calls = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                for (var count = 0; count < 5; count++)
                {
                    await OutcomeAsync(caller.SendAsync("peer", new { }));
                }
            })).ToList();
            await Within.Deadline(caller.DisconnectAsync("peer"));
            await Within.Deadline(Task.WhenAll(calls));
        }

        Assert.Equal(0, caller.Statistics.PendingRequests);
    }

    [Fact]
    public async Task A_server_that_is_disposed_while_it_sends_forgets_none()
    {
        await StartAsync("peer", Echo);
        for (var round = 0; round < 100; round++)
        {
            var caller = Create("caller");
            using var sending = new SemaphoreSlim(0);
            var calls = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                sending.Release();
                while (await OutcomeAsync(caller.SendAsync("peer", new { })) != "Disposed")
                {
                }
            })).ToList();
            Assert.True(await sending.WaitAsync(Within.Default));
            await Within.Deadline(caller.DisposeAsync());
            await Within.Deadline(Task.WhenAll(calls));
        }
    }

    private static Task Run(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static async Task ReplyAsync(Message message)
    {
        try
        {
            await message.ReplyAsync(new { });
        }
        catch (LinkException exception) when (exception.Error == LinkError.ConnectionLost)
        {
        }
    }

    private static async Task<string> OutcomeAsync(Task<Reply> call)
    {
        try
        {
            Assert.True((await Within.Deadline(call)).Success);
            return "replied";
        }
        catch (LinkException exception)
        {
            return exception.Error.ToString();
        }
        catch (OperationCanceledException exception)
        {
            return Assert.IsType<LinkException>(exception.InnerException).Error.ToString();
        }
    }
}

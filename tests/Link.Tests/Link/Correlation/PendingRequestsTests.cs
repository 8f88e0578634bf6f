using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Correlation;

public sealed class PendingRequestsTests
{
    private static readonly Peer Peer = new() { Name = "peer", Endpoint = "test:peer" };

    [Fact]
    public void What_was_added_is_removed_once()
    {
        var table = new PendingRequests(10);
        var request = new PendingRequest(0);
        table.Add(Id(1), request, Peer);
        Assert.Equal(1, table.Count);
        Assert.True(table.TryRemove(Id(1), out var removed));
        Assert.Same(request, removed);
        Assert.False(table.TryRemove(Id(1), out _));
        Assert.False(table.TryRemove(Id(2), out _));
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void An_empty_table_has_nothing()
    {
        var table = new PendingRequests(10);
        Assert.False(table.TryRemove(Id(1), out _));
        Assert.Empty(table.RemoveOverdue(long.MaxValue, out var next));
        Assert.Equal(long.MaxValue, next);
        Assert.False(table.HasFailed);
        Assert.Empty(table.FailAll(Lost()));
        Assert.True(table.HasFailed);
    }

    [Fact]
    public void A_pending_id_is_refused()
    {
        var table = new PendingRequests(10);
        table.Add(Id(1), new PendingRequest(0), Peer);
        Assert.Throws<ArgumentException>(() => table.Add(Id(1), new PendingRequest(0), Peer));
        table.Add(RequestId.FromJson("1"u8.ToArray()), new PendingRequest(0), Peer);
        Assert.Equal(2, table.Count);
        Assert.True(table.TryRemove(Id(1), out _));
        table.Add(Id(1), new PendingRequest(0), Peer);
    }

    [Fact]
    public void A_full_table_refuses_and_makes_room_again()
    {
        var table = new PendingRequests(2);
        table.Add(Id(1), new PendingRequest(0), Peer);
        table.Add(Id(2), new PendingRequest(0), Peer);
        for (var round = 0; round < 3; round++)
        {
            var refused = Assert.Throws<LinkException>(() => table.Add(Id(3), new PendingRequest(0), Peer));
            Assert.Equal((LinkError.Overloaded, RequestFate.NotSent, Peer), (refused.Error, refused.Fate, refused.Peer));
        }

        Assert.True(table.TryRemove(Id(2), out _));
        table.Add(Id(3), new PendingRequest(0), Peer);
    }

    [Fact]
    public void What_is_overdue_is_removed_and_the_earliest_of_the_rest_is_told()
    {
        var table = new PendingRequests(10);
        var requests = Enumerable.Range(0, 5).Select(number => new PendingRequest(number * 10)).ToList();
        for (var number = 0; number < requests.Count; number++)
        {
            table.Add(Id(number), requests[number], Peer);
        }

        Assert.Equal(requests[..3].ToHashSet(), [.. table.RemoveOverdue(20, out var next)]);
        Assert.Equal(30, next);
        Assert.Equal(2, table.Count);
        Assert.Empty(table.RemoveOverdue(29, out next));
        Assert.Equal(30, next);
        Assert.Equal(2, table.RemoveOverdue(40, out next).Count);
        Assert.Equal(long.MaxValue, next);
    }

    [Fact]
    public void A_failed_table_gives_everything_up_and_takes_nothing_more()
    {
        var table = new PendingRequests(10);
        var request = new PendingRequest(0);
        table.Add(Id(1), request, Peer);
        Assert.Same(request, Assert.Single(table.FailAll(Lost())));
        var refused = Assert.Throws<LinkException>(() => table.Add(Id(1), new PendingRequest(0), Peer));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), (refused.Error, refused.Fate));
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public async Task No_promise_is_forgotten_when_the_connection_fails_while_it_is_added()
    {
        const int Rounds = 5_000;
        const int Adders = 2;
        using var together = new Barrier(Adders + 1);
        var table = new PendingRequests(100);
        var refused = new int[Adders];
        var adders = Enumerable.Range(0, Adders).Select(adder => Task.Factory.StartNew(
            () =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    Assert.True(together.SignalAndWait(Within.Default));
                    refused[adder] = AddSome(table, adder);
                    Assert.True(together.SignalAndWait(Within.Default));
                }
            },
            TaskCreationOptions.LongRunning)).ToList();
        await Task.Factory.StartNew(
            () =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    table = new PendingRequests(100);
                    Assert.True(together.SignalAndWait(Within.Default));
                    Thread.SpinWait(round % 200);
                    var swept = table.FailAll(Lost()).Distinct().Count();
                    Assert.True(together.SignalAndWait(Within.Default));
                    Assert.Equal(Adders * 4, swept + refused.Sum());
                    Assert.Equal(0, table.Count);
                }
            },
            TaskCreationOptions.LongRunning);
        await Within.Deadline(Task.WhenAll(adders));
    }

    [Fact]
    public void A_promise_may_be_given_to_one_only()
    {
        const int Count = 2_000;
        var table = new PendingRequests(Count);
        for (var number = 0; number < Count; number++)
        {
            table.Add(Id(number), new PendingRequest(number), Peer);
        }

        var taken = 0;
        Parallel.Invoke(
            () => TakeAll(),
            () => Interlocked.Add(ref taken, table.RemoveOverdue(Count, out _).Count),
            () => Interlocked.Add(ref taken, table.FailAll(Lost()).Count()),
            () => TakeAll());
        Assert.Equal(Count, taken);
        Assert.Equal(0, table.Count);

        void TakeAll()
        {
            for (var number = Count - 1; number >= 0; number--)
            {
                if (table.TryRemove(Id(number), out _))
                {
                    Interlocked.Increment(ref taken);
                }
            }
        }
    }

    private static int AddSome(PendingRequests table, int adder)
    {
        var refused = 0;
        for (var number = 0; number < 4; number++)
        {
            try
            {
                table.Add(Id((adder * 10) + number), new PendingRequest(0), Peer);
            }
            catch (LinkException)
            {
                refused++;
            }
        }

        return refused;
    }

    private static RequestId Id(int number) => RequestId.FromString(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static LinkException Lost() => new(LinkError.ConnectionLost, "Lost.", RequestFate.Unknown, Peer);
}

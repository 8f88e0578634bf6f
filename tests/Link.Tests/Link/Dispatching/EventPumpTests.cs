using Link.Dispatching;
using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests.Dispatching;

public sealed class EventPumpTests
{
    private const int Capacity = 4096;
    private readonly Inbox<Exception> _failures = new();

    [Fact]
    public async Task Events_are_raised_in_order_one_after_the_other()
    {
        var pump = new EventPump(_failures.Put);
        var raised = new List<int>();
        var inside = 0;
        for (var number = 0; number < 1_000; number++)
        {
            var item = number;
            pump.Post(() =>
            {
                Assert.Equal(1, Interlocked.Increment(ref inside));
                raised.Add(item);
                Interlocked.Decrement(ref inside);
            });
        }

        await Within.Deadline(pump.CompleteAsync(TimeSpan.FromMinutes(5), TimeProvider.System));
        Assert.Equal(Enumerable.Range(0, 1_000), raised);
        Assert.False(_failures.TryNext(out _));
        Assert.Equal(0, pump.Lost);
    }

    [Fact]
    public async Task An_exception_is_told_and_the_next_event_raised()
    {
        var pump = new EventPump(_failures.Put);
        var failure = new InvalidTimeZoneException();
        var raised = new Inbox<bool>();
        pump.Post(() => throw failure);
        pump.Post(() => raised.Put(true));
        await raised.NextAsync();
        Assert.Same(failure, await _failures.NextAsync());
        await Within.Deadline(pump.CompleteAsync(TimeSpan.FromMinutes(5), TimeProvider.System));
    }

    [Fact]
    public async Task What_exceeds_the_bound_is_lost_and_counted()
    {
        var pump = new EventPump(_failures.Put);
        var release = new ManualResetEventSlim();
        var entered = new Inbox<bool>();
        var raised = 0;
        pump.Post(() =>
        {
            entered.Put(true);
            Assert.True(release.Wait(Within.Default));
        });
        await entered.NextAsync();
        for (var count = 0; count < Capacity + 10; count++)
        {
            pump.Post(() => raised++);
        }

        Assert.Equal(10, pump.Lost);
        release.Set();
        await Within.Deadline(pump.CompleteAsync(TimeSpan.FromMinutes(5), TimeProvider.System));
        Assert.Equal(Capacity, raised);
        Assert.False(_failures.TryNext(out _));
    }

    [Fact]
    public async Task A_handler_that_does_not_return_is_left_behind()
    {
        var pump = new EventPump(_failures.Put);
        var clock = new FakeTimeProvider();
        var release = new ManualResetEventSlim();
        var entered = new Inbox<bool>();
        var left = new Inbox<bool>();
        pump.Post(() =>
        {
            entered.Put(true);
            left.Put(release.Wait(Within.Default));
        });
        await entered.NextAsync();
        var completion = pump.CompleteAsync(TimeSpan.FromSeconds(5), clock);
        await clock.WhenArmed();
        Assert.False(completion.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(5));
        await Within.Deadline(completion);
        release.Set();
        Assert.True(await left.NextAsync());
    }

    [Fact]
    public async Task After_its_end_events_are_lost_and_counted()
    {
        var pump = new EventPump(_failures.Put);
        await Within.Deadline(pump.CompleteAsync(TimeSpan.FromMinutes(5), TimeProvider.System));
        pump.Post(() => _failures.Put(new InvalidOperationException()));
        Assert.Equal(1, pump.Lost);
        Assert.False(_failures.TryNext(out _));
    }
}

using Link.Dispatching;
using Link.Testing;

namespace Link.Tests.Dispatching;

public sealed class HandlerSlotsTests
{
    [Fact]
    public void There_are_as_many_slots_as_the_limit_says()
    {
        using var slots = new HandlerSlots(2);
        Assert.True(slots.TryTake());
        Assert.True(slots.TryTake());
        Assert.False(slots.TryTake());
        Assert.Equal(2, slots.Running);
        slots.Release();
        Assert.Equal(1, slots.Running);
        Assert.True(slots.TryTake());
        Assert.False(slots.TryTake());
    }

    [Fact]
    public async Task Nothing_that_runs_is_drained_at_once()
    {
        using var slots = new HandlerSlots(2);
        Assert.True(slots.TryTake());
        slots.Release();
        Assert.False(slots.IsDraining);
        Assert.True(await Within.Deadline(slots.DrainAsync(TimeSpan.Zero, new FakeTimeProvider())));
        Assert.True(slots.IsDraining);
    }

    [Fact]
    public async Task A_drain_waits_for_all_that_run()
    {
        using var slots = new HandlerSlots(2);
        Assert.True(slots.TryTake());
        Assert.True(slots.TryTake());
        var clock = new FakeTimeProvider();
        var drained = slots.DrainAsync(TimeSpan.FromSeconds(5), clock);
        await clock.WhenArmed();
        clock.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        slots.Release();
        Assert.False(drained.IsCompleted);
        slots.Release();
        Assert.True(await Within.Deadline(drained));
        Assert.Equal(0, slots.Running);
    }

    [Fact]
    public async Task A_drain_waits_no_longer_than_its_time()
    {
        using var slots = new HandlerSlots(1);
        Assert.True(slots.TryTake());
        var clock = new FakeTimeProvider();
        var drained = slots.DrainAsync(TimeSpan.FromSeconds(5), clock);
        await clock.WhenArmed();
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(await Within.Deadline(drained));
        slots.Release();
    }

    [Fact]
    public async Task A_drain_misses_no_release()
    {
        for (var round = 0; round < 2_000; round++)
        {
            using var slots = new HandlerSlots(1);
            Assert.True(slots.TryTake());
            var release = Task.Run(slots.Release);
            Assert.True(await Within.Deadline(slots.DrainAsync(TimeSpan.FromMinutes(5), TimeProvider.System)));
            await Within.Deadline(release);
        }
    }

    [Fact]
    public void Threads_never_hold_more_slots_than_there_are()
    {
        const int Limit = 3;
        using var slots = new HandlerSlots(Limit);
        var (held, most) = (0, 0);
        Parallel.For(0, 8, _ =>
        {
            for (var round = 0; round < 5_000; round++)
            {
                if (slots.TryTake())
                {
                    var now = Interlocked.Increment(ref held);
                    InterlockedMax(ref most, now);
                    Interlocked.Decrement(ref held);
                    slots.Release();
                }
            }
        });
        Assert.InRange(most, 1, Limit);
        Assert.Equal(0, slots.Running);
        for (var slot = 0; slot < Limit; slot++)
        {
            Assert.True(slots.TryTake());
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}

using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests.Correlation;

public sealed class DeadlinesTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Deadlines _deadlines;
    private readonly List<long> _promises = [];
    private readonly List<TimeSpan> _sweeps = [];
    private readonly long _start;

    public DeadlinesTests()
    {
        _start = _clock.GetTimestamp();
        _deadlines = new Deadlines(_clock, Sweep);
    }

    public void Dispose() => _deadlines.Dispose();

    [Fact]
    public void Nothing_to_watch_sets_no_timer()
    {
        Assert.Equal(0, _clock.ArmedTimers);
        _deadlines.Watch(long.MaxValue);
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Fact]
    public void A_sweep_comes_at_the_deadline()
    {
        Promise(Seconds(10));
        _clock.Advance(Seconds(10) - TimeSpan.FromTicks(1));
        Assert.Empty(_sweeps);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([Seconds(10)], _sweeps);
        Assert.Empty(_promises);
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Fact]
    public void The_earliest_deadline_comes_first_and_a_later_one_follows()
    {
        Promise(Seconds(10));
        Promise(Seconds(20));
        Promise(Seconds(10));
        Assert.Equal(1, _clock.ArmedTimers);
        _clock.Advance(Seconds(30));
        Assert.Equal([Seconds(10), Seconds(20)], _sweeps);
        Assert.Empty(_promises);
    }

    [Fact]
    public void A_shorter_deadline_added_later_comes_first()
    {
        Promise(Seconds(30));
        _clock.Advance(Seconds(1));
        Promise(Seconds(2));
        Promise(Seconds(1));
        Assert.Equal(1, _clock.ArmedTimers);
        _clock.Advance(Seconds(60));
        Assert.Equal([Seconds(2), Seconds(3), Seconds(30)], _sweeps);
    }

    [Fact]
    public void A_deadline_added_after_a_sweep_is_watched()
    {
        for (var round = 1; round <= 3; round++)
        {
            Promise(Seconds(5));
            _clock.Advance(Seconds(5));
            Assert.Equal(round, _sweeps.Count);
            Assert.Empty(_promises);
        }
    }

    [Fact]
    public void A_deadline_between_milliseconds_is_not_swept_too_early()
    {
        Promise(TimeSpan.FromTicks(12_345));
        _clock.Advance(Seconds(1));
        Assert.Equal([TimeSpan.FromMilliseconds(2)], _sweeps);
        Assert.Empty(_promises);
    }

    [Fact]
    public async Task A_deadline_that_has_passed_is_swept_at_once()
    {
        var swept = new Inbox<long>();
        using var deadlines = new Deadlines(_clock, now =>
        {
            swept.Put(now);
            return long.MaxValue;
        });
        deadlines.Watch(_start - 1);
        Assert.Equal(_start, await swept.NextAsync());
    }

    [Fact]
    public void A_deadline_farther_than_any_timer_is_reached_in_steps()
    {
        Promise(TimeSpan.FromDays(100));
        _clock.Advance(TimeSpan.FromDays(100) - Seconds(1));
        Assert.Single(_promises);
        _clock.Advance(Seconds(1));
        Assert.Empty(_promises);
        Assert.Equal(TimeSpan.FromDays(100), _sweeps[^1]);
    }

    public static TheoryData<TimeSpan> Endless => [Timeout.InfiniteTimeSpan, TimeSpan.MaxValue, TimeSpan.FromDays(10_001)];

    [Theory]
    [MemberData(nameof(Endless))]
    public void What_never_ends_has_no_deadline(TimeSpan timeout)
    {
        Assert.Equal(long.MaxValue, _deadlines.After(timeout));
        Assert.Equal(Timeout.InfiniteTimeSpan, _deadlines.Until(_deadlines.After(timeout)));
    }

    [Fact]
    public void A_deadline_is_as_far_as_the_timeout_is_long()
    {
        foreach (var timeout in (TimeSpan[])[TimeSpan.FromTicks(1), Seconds(30), TimeSpan.FromDays(30)])
        {
            var deadline = _deadlines.After(timeout);
            Assert.InRange(deadline, _start + 1, long.MaxValue - 1);
            Assert.InRange(_deadlines.Until(deadline) - timeout, TimeSpan.FromMilliseconds(-1), TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(TimeSpan.FromDays(40), _deadlines.Until(_deadlines.After(TimeSpan.FromDays(9_999))));
        Assert.Equal(TimeSpan.Zero, _deadlines.Until(_start));
        Assert.Equal(TimeSpan.Zero, _deadlines.Until(long.MinValue / 2));
    }

    [Fact]
    public void After_disposal_nothing_is_swept()
    {
        Promise(Seconds(1));
        _deadlines.Dispose();
        Promise(TimeSpan.FromMilliseconds(1));
        _clock.Advance(Seconds(2));
        Assert.Empty(_sweeps);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private void Promise(TimeSpan timeout)
    {
        var deadline = _deadlines.After(timeout);
        _promises.Add(deadline);
        _deadlines.Watch(deadline);
    }

    private long Sweep(long now)
    {
        _sweeps.Add(TimeSpan.FromTicks(now - _start));
        _promises.RemoveAll(deadline => deadline <= now);
        return _promises.Count == 0 ? long.MaxValue : _promises.Min();
    }
}

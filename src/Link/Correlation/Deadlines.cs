namespace Link;

/// <summary>
/// One timer for all promises of a server, set to the earliest deadline: the usual request, whose deadline is later than that of
/// the ones before it, costs one comparison. Safe for concurrent use.
/// </summary>
internal sealed class Deadlines : IDisposable
{
    // The longest that timers and waits of the platform take is 49 days.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    private readonly TimeProvider _time;
    private readonly Func<long, long> _sweep;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private long _next = long.MaxValue;

    /// <param name="time">The clock.</param>
    /// <param name="sweep">Ends what is overdue at a timestamp and gives the earliest deadline that remains.</param>
    public Deadlines(TimeProvider time, Func<long, long> sweep)
    {
        _time = time;
        _sweep = sweep;
        _timer = time.CreateTimer(static deadlines => ((Deadlines)deadlines!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The timestamp at which something that starts now and may take so long is overdue.</summary>
    public long After(TimeSpan timeout) =>
        timeout == Timeout.InfiniteTimeSpan || timeout.TotalDays > 10_000
            ? long.MaxValue
            : _time.GetTimestamp() + (long)(timeout.TotalSeconds * _time.TimestampFrequency);

    /// <summary>How long it is until a timestamp, but at most 40 days; zero when it has passed, infinite when it never comes.</summary>
    public TimeSpan Until(long deadline)
    {
        if (deadline == long.MaxValue)
        {
            return Timeout.InfiniteTimeSpan;
        }

        var left = deadline - _time.GetTimestamp();
        return left <= 0
            ? TimeSpan.Zero
            : TimeSpan.FromSeconds(Math.Min((double)left / _time.TimestampFrequency, LongestWait.TotalSeconds));
    }

    /// <summary>Sees to it that a sweep comes at this deadline at the latest. To be called when its promise is already in its table.</summary>
    public void Watch(long deadline)
    {
        if (deadline >= Volatile.Read(ref _next))
        {
            return;
        }

        lock (_gate)
        {
            if (deadline < _next)
            {
                Volatile.Write(ref _next, deadline);
                SetTimer(deadline);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        // From here on every new promise sets the timer itself, so that none slips between the sweep and its result.
        lock (_gate)
        {
            Volatile.Write(ref _next, long.MaxValue);
        }

        Watch(_sweep(_time.GetTimestamp()));
    }

    private void SetTimer(long deadline)
    {
        // Timers count in milliseconds, and one that fires early would find nothing overdue.
        var due = Math.Ceiling(Until(deadline).TotalMilliseconds);
        try
        {
            _timer.Change(TimeSpan.FromMilliseconds(due), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // Disposal ends every promise by itself.
        }
    }
}

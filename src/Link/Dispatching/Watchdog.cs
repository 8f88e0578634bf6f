using System.Collections.Concurrent;

namespace Link.Dispatching;

/// <summary>
/// Ticks while there are batches of user code under way, and rests otherwise. Uses real time whatever the server's clock is:
/// it watches threads. Safe for concurrent use.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<WorkQueue, byte> _watched = new();
    private readonly Timer _timer;
    private int _ticking;

    public Watchdog() => _timer = new Timer(static watchdog => ((Watchdog)watchdog!).OnTick(), this, Timeout.Infinite, Timeout.Infinite);

    /// <summary>Ticks the queue until it has nothing to watch.</summary>
    public void Watch(WorkQueue queue)
    {
        _watched[queue] = 0;
        if (Interlocked.Exchange(ref _ticking, 1) == 0)
        {
            SetTimer();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnTick()
    {
        foreach (var (queue, _) in _watched)
        {
            // Removed first: a queue that asks again meanwhile is then added again, not lost.
            _watched.TryRemove(queue, out _);
            if (queue.Tick())
            {
                _watched[queue] = 0;
            }
        }

        if (!_watched.IsEmpty)
        {
            SetTimer();
            return;
        }

        Volatile.Write(ref _ticking, 0);
        if (!_watched.IsEmpty && Interlocked.Exchange(ref _ticking, 1) == 0)
        {
            SetTimer();
        }
    }

    private void SetTimer()
    {
        try
        {
            _timer.Change(Period, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The server is gone, and what its users still run is theirs.
        }
    }
}

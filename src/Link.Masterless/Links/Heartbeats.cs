namespace Link.Masterless;

/// <summary>Sends heartbeats and finds dead peers, at each tick (SPEC.md, "masterless: heartbeats").</summary>
internal sealed class Heartbeats : IAsyncDisposable
{
    private readonly NodeTable _nodes;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private long _lastTick;
    private int _ticking;

    /// <param name="nodes">Whom to send them to.</param>
    /// <param name="options">How often.</param>
    public Heartbeats(NodeTable nodes, MeshOptions options)
    {
        _nodes = nodes;
        _time = options.TimeProvider;
        _interval = options.HeartbeatInterval;
        _lastTick = _time.GetTimestamp();
        using (ExecutionContext.SuppressFlow())
        {
            _timer = _time.CreateTimer(static beats => ((Heartbeats)beats!).Tick(), this, _interval, _interval);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Tick()
    {
        if (Interlocked.Exchange(ref _ticking, 1) == 1)
        {
            return;
        }

        try
        {
            TickOnce();
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }

    private void TickOnce()
    {
        var now = _time.GetTimestamp();
        var isLate = _time.GetElapsedTime(_lastTick, now) > 2 * _interval;
        _lastTick = now;
        foreach (var link in _nodes.Links)
        {
            link.Beat(isLate);
        }
    }
}

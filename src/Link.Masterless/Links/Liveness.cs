namespace Link.Masterless;

/// <summary>When one connection was last used: whether a heartbeat is due, and whether its peer is dead (SPEC.md, "masterless: heartbeats"). Safe for concurrent use.</summary>
/// <param name="options">The bounds, and the clock.</param>
internal sealed class Liveness(MeshOptions options)
{
    private readonly TimeProvider _time = options.TimeProvider;
    private long _lastReceived = options.TimeProvider.GetTimestamp();
    private long _lastSent;
    private bool _hasSent;
    private bool _isReading;

    /// <summary>Whether dead peers of Link are found.</summary>
    public bool IsWatched => options.DeadPeerTimeout != Timeout.InfiniteTimeSpan;

    /// <summary>Whether a heartbeat is due. Heartbeats do not count as sent: they repeat.</summary>
    public bool IsHeartbeatDue => !Volatile.Read(ref _hasSent) || _time.GetElapsedTime(Volatile.Read(ref _lastSent)) >= options.HeartbeatInterval;

    /// <summary>Whether somebody waits for bytes.</summary>
    public bool IsReading => Volatile.Read(ref _isReading);

    /// <summary>Something was sent that puts the next heartbeat off.</summary>
    public void Sent()
    {
        Volatile.Write(ref _lastSent, _time.GetTimestamp());
        Volatile.Write(ref _hasSent, true);
    }

    /// <summary>Somebody waits for bytes from here on: only then does their lack mean anything.</summary>
    public void BeginReading()
    {
        Volatile.Write(ref _lastReceived, _time.GetTimestamp());
        Volatile.Write(ref _isReading, true);
    }

    /// <summary>Nobody waits for bytes any more.</summary>
    public void EndReading() => Volatile.Write(ref _isReading, false);

    /// <summary>Whether the peer is dead. To be asked at each tick.</summary>
    /// <param name="isLink">Whether the peer has said that it is a node of Link.</param>
    /// <param name="isLate">Whether this process did not run when it should have: what the peer sent meanwhile has not been read.</param>
    public bool IsDead(bool isLink, bool isLate)
    {
        if (isLate)
        {
            Volatile.Write(ref _lastReceived, _time.GetTimestamp());
        }

        return IsWatched && (isLink || options.WatchOriginals) && IsReading &&
            _time.GetElapsedTime(Volatile.Read(ref _lastReceived)) > options.DeadPeerTimeout;
    }
}

namespace Link.Streams;

/// <summary>The bounds of one framed connection. Immutable. Times are at most 40 days, unless infinite.</summary>
public sealed record StreamLimits
{
    private static readonly TimeSpan MaxLinger = TimeSpan.FromSeconds(10);

    /// <summary>The longest frame read or written, in bytes, its delimiter included. Default 16 MiB; at least 64 bytes, at most 1 GiB.</summary>
    public int MaxFrameBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// How many bytes may wait to be sent before writes are refused. Default 32 MiB; at least <see cref="MaxFrameBytes"/>.
    /// </summary>
    public int OutboundBacklogBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>The time from the first byte of a frame to its last. Default 30 s; may be infinite.</summary>
    public TimeSpan UnfinishedFrameTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the peer may take to accept one slice of at most 1 MiB before the connection is given up, and how long
    /// disposal waits for the backlog (never more than 10 s). Default 10 s; may be infinite.
    /// </summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long disposal waits for the backlog to be sent: it must end even where writes may take for ever.</summary>
    internal TimeSpan LingerTime => WriteTimeout == Timeout.InfiniteTimeSpan || WriteTimeout > MaxLinger ? MaxLinger : WriteTimeout;

    /// <summary>Checks every bound.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is outside its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFrameBytes, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxFrameBytes, 1 << 30);
        if (OutboundBacklogBytes < MaxFrameBytes)
        {
            throw new ArgumentOutOfRangeException(
                nameof(OutboundBacklogBytes), OutboundBacklogBytes, $"The backlog must have room for a frame: MaxFrameBytes is {MaxFrameBytes}.");
        }

        ThrowIfNotPositive(UnfinishedFrameTimeout, nameof(UnfinishedFrameTimeout));
        ThrowIfNotPositive(WriteTimeout, nameof(WriteTimeout));
    }

    private static void ThrowIfNotPositive(TimeSpan value, string name)
    {
        // Timers reach little farther.
        if ((value <= TimeSpan.Zero || value > TimeSpan.FromDays(40)) && value != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, value, "The time must be positive and at most 40 days, or infinite.");
        }
    }
}

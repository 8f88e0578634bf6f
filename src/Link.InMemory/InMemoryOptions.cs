namespace Link.InMemory;

/// <summary>The bounds of an <see cref="InMemoryTransport"/>. Immutable.</summary>
public sealed record InMemoryOptions
{
    /// <summary>The largest payload read or written, in bytes. Default 16 MiB; at least 1.</summary>
    public int MaxFrameBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// How many payload bytes of one connection may wait for their reader before writes are refused.
    /// Default 32 MiB; at least <see cref="MaxFrameBytes"/>.
    /// </summary>
    public int BacklogBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How many envelopes of one connection may wait for their reader before writes are refused. Default 262,144; at least 1.</summary>
    public int BacklogEnvelopes { get; init; } = 256 * 1024;

    /// <summary>How many connections, dialled and accepted together, may be open or wait to be accepted. Default 1,024; at least 1.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>How many faults wait for a reader before the newest are lost. Default 64; at least 1.</summary>
    public int FaultCapacity { get; init; } = 64;

    /// <summary>Checks every bound.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is outside its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFrameBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BacklogBytes, MaxFrameBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(BacklogEnvelopes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(FaultCapacity, 1);
    }
}

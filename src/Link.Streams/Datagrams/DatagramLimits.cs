namespace Link.Streams.Datagrams;

/// <summary>The bounds of UDP. Immutable.</summary>
public sealed record DatagramLimits
{
    /// <summary>The most that IPv4 can carry in one datagram.</summary>
    public const int LargestDatagram = 65_507;

    /// <summary>
    /// The largest datagram sent, in bytes, its delimiter included. Default and at most 65,507; at least 64. Beyond about 1,200 a network may cut it
    /// into pieces, and losing one piece loses it all.
    /// </summary>
    public int MaxDatagramBytes { get; init; } = LargestDatagram;

    /// <summary>After how long without a datagram in either direction a peer is forgotten. Default 5 min; positive, at most 1 day.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many bytes received from one peer may wait to be read; beyond, datagrams are lost. Default 1 MiB; at least 64 KiB.</summary>
    public int ReceiveBacklogBytes { get; init; } = 1024 * 1024;

    /// <summary>Checks every bound.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is outside its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDatagramBytes, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDatagramBytes, LargestDatagram);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdleTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(IdleTimeout, TimeSpan.FromDays(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReceiveBacklogBytes, 64 * 1024);
    }
}

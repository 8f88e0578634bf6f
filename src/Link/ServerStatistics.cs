namespace Link;

/// <summary>What a server has counted since it was made. A snapshot.</summary>
public sealed record ServerStatistics
{
    /// <summary>Requests of this process that wait for their reply now.</summary>
    public int PendingRequests { get; init; }

    /// <summary>Handlers that run, or are about to, now.</summary>
    public int RunningHandlers { get; init; }

    /// <summary>Replies that belonged to no pending request of their connection: late, repeated or forged. They are ignored.</summary>
    public long UnknownReplies { get; init; }

    /// <summary>Requests refused because the server was at its limit or being disposed.</summary>
    public long RefusedRequests { get; init; }

    /// <summary>Faults of the transport: dropped messages, refused strangers, connections beyond the limit.</summary>
    public long TransportFaults { get; init; }

    /// <summary>Events nobody could be told of, because handlers of events were slower than the events came.</summary>
    public long LostEvents { get; init; }
}

using Link.Abstractions;

namespace Link;

/// <summary>The server started or stopped.</summary>
/// <param name="reason">What the caller of start or stop gave.</param>
public sealed class ServerEventArgs(string? reason) : EventArgs
{
    /// <summary>What the caller of <see cref="Server.StartAsync"/> or <see cref="Server.StopAsync"/> gave, or null.</summary>
    public string? Reason { get; } = reason;
}

/// <summary>A peer connected or disconnected.</summary>
/// <param name="peer">Who.</param>
/// <param name="error">Why the connection ended, or null.</param>
public sealed class PeerEventArgs(Peer peer, LinkException? error = null) : EventArgs
{
    /// <summary>Who.</summary>
    public Peer Peer { get; } = peer;

    /// <summary>Why the connection ended; null on connecting and after a clean end.</summary>
    public LinkException? Error { get; } = error;
}

/// <summary>Something went wrong that belongs to no call.</summary>
/// <param name="error">What.</param>
/// <param name="peer">With whom, or null.</param>
public sealed class ServerErrorEventArgs(Exception error, Peer? peer) : EventArgs
{
    /// <summary>What went wrong; a <see cref="LinkException"/> unless it came out of a handler.</summary>
    public Exception Error { get; } = error;

    /// <summary>The peer it concerns, or null.</summary>
    public Peer? Peer { get; } = peer;
}

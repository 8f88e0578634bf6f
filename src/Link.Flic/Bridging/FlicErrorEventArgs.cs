using Link.Abstractions;

namespace Link.Flic;

/// <summary>Something went wrong: a frame was dropped, or a connection closed.</summary>
/// <param name="error">What.</param>
/// <param name="peer">Whose connection, or null.</param>
public sealed class FlicErrorEventArgs(LinkException error, Peer? peer) : EventArgs
{
    /// <summary>What went wrong.</summary>
    public LinkException Error { get; } = error;

    /// <summary>The connection it concerns, or null.</summary>
    public Peer? Peer { get; } = peer;
}

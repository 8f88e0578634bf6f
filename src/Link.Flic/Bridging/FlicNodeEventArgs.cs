using Link.Abstractions;

namespace Link.Flic;

/// <summary>A node has joined or left a <see cref="FlicBridge"/>.</summary>
/// <param name="name">Its name.</param>
/// <param name="peer">Its connection.</param>
/// <param name="error">Why it left, or null.</param>
public sealed class FlicNodeEventArgs(string name, Peer peer, LinkException? error) : EventArgs
{
    /// <summary>The name of the node.</summary>
    public string Name { get; } = name;

    /// <summary>Its connection.</summary>
    public Peer Peer { get; } = peer;

    /// <summary>Why the connection broke; null for a node that joins, or has left or closed in good order.</summary>
    public LinkException? Error { get; } = error;
}

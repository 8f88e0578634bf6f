using Link.Abstractions;

namespace Link.Flic;

/// <summary>The connection to the bridge has ended, not by this node's doing.</summary>
public sealed class FlicDisconnectedEventArgs : EventArgs
{
    internal FlicDisconnectedEventArgs(LinkException error) => Error = error;

    /// <summary>Why.</summary>
    public LinkException Error { get; }
}

namespace Link.Abstractions;

/// <summary>What went wrong, one value per cause a program may want to tell apart.</summary>
public enum LinkError
{
    /// <summary>Nobody answers to that name.</summary>
    NoSuchPeer,

    /// <summary>No reply within the request's time, or a step of the protocol took longer than its bound.</summary>
    Timeout,

    /// <summary>The caller cancelled.</summary>
    Cancelled,

    /// <summary>The connection ended before the reply came.</summary>
    ConnectionLost,

    /// <summary>The message is larger than the frame limit.</summary>
    TooLarge,

    /// <summary>A bound is reached: the peer does not read as fast as this process writes, or too much is pending.</summary>
    Overloaded,

    /// <summary>The peer is not who this process trusts, such as another user's process.</summary>
    Untrusted,

    /// <summary>The server was disposed, or the node has left.</summary>
    Disposed,

    /// <summary>The local name is taken, or what stands in its place may not be removed.</summary>
    NameUnavailable,

    /// <summary>The peer broke the protocol: malformed JSON, invalid UTF-8, a frame cut short.</summary>
    ProtocolViolation,

    /// <summary>A value cannot be converted to or from JSON, or has a form the protocol does not carry.</summary>
    InvalidData,
}

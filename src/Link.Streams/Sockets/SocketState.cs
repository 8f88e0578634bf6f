namespace Link.Streams.Sockets;

/// <summary>What a probe found.</summary>
internal enum SocketState
{
    /// <summary>Somebody listens, or it cannot be ruled out.</summary>
    Live,

    /// <summary>Nobody listens: the file was left behind.</summary>
    Stale,

    /// <summary>The file is no longer there.</summary>
    Gone,
}

namespace Link.Conformance;

/// <summary>The bounds that the suite asks a transport to keep. How each is counted (frame or payload) is the transport's own.</summary>
public sealed record TransportBounds
{
    /// <summary>The largest message, in bytes.</summary>
    public int MaxFrameBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The outbound backlog of one connection, in bytes.</summary>
    public int BacklogBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Connections, dialled and accepted together or each on its own.</summary>
    public int MaxConnections { get; init; } = 1024;
}

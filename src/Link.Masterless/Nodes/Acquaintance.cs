namespace Link.Masterless;

/// <summary>What a <see cref="MeshNode"/> has with one other node. Belongs to <see cref="Acquaintances"/>, under its lock.</summary>
/// <param name="id">The id of the other node.</param>
/// <param name="options">The bounds.</param>
internal sealed class Acquaintance(string id, MeshOptions options)
{
    /// <summary>The id of the other node.</summary>
    public string Id { get; } = id;

    /// <summary>The connection; null while there is a handshake, or an attempt to connect again.</summary>
    public PeerSession? Session { get; set; }

    /// <summary>The attempt to connect again; null when there is none.</summary>
    public Comeback? Comeback { get; set; }

    /// <summary>What waits for the connection.</summary>
    public UnsentPackets Unsent { get; } = new(options.MaxQueuedPackets, options.Limits.OutboundBacklogBytes);

    /// <summary>Ends the attempt to connect again, whether it has succeeded or not.</summary>
    public void StopComeback()
    {
        Comeback?.Stop();
        Comeback = null;
    }
}

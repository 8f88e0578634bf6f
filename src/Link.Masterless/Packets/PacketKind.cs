namespace Link.Masterless.Packets;

/// <summary>What a packet is for.</summary>
internal enum PacketKind
{
    /// <summary>For the application, or for the handshake while there is one.</summary>
    Application,

    /// <summary>The peer lives.</summary>
    Heartbeat,

    /// <summary>Whether the peer wants to keep the connection.</summary>
    Keep,

    /// <summary>The value null, which ends the stream.</summary>
    End,
}

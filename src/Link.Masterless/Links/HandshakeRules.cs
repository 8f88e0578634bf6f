namespace Link.Masterless;

/// <summary>Who opened the connection.</summary>
internal enum Role
{
    /// <summary>This node did.</summary>
    Connector,

    /// <summary>The peer did.</summary>
    Acceptor,
}

/// <summary>How far a handshake is.</summary>
internal enum Stage
{
    /// <summary>The peer has not said who it is.</summary>
    AwaitsId,

    /// <summary>The peer is known. A connector has sent its priority and waits for the confirm, an acceptor waits for the priority.</summary>
    AwaitsChoice,

    /// <summary>Both sides have chosen this connection.</summary>
    Connected,

    /// <summary>It is over.</summary>
    Closed,
}

/// <summary>What came, as far as it counts in a handshake.</summary>
internal enum Arrival
{
    /// <summary>A heartbeat.</summary>
    Heartbeat,

    /// <summary>The id of a peer, with a usable address if it connects.</summary>
    Id,

    /// <summary>The id of a peer that connects, and no usable address.</summary>
    IdWithoutAddress,

    /// <summary>This node's own id.</summary>
    OwnId,

    /// <summary>Another id than the one that was dialled.</summary>
    StrangeId,

    /// <summary>The id of a peer that is not admitted.</summary>
    UnadmittedId,

    /// <summary>A priority.</summary>
    Priority,

    /// <summary>A priority below the one that this node has sent on its own connection to the peer; or the same, and this node has the larger id.</summary>
    LowerPriority,

    /// <summary>Priority 0: the peer does not want this connection, and is about to close it.</summary>
    Refusal,

    /// <summary>A confirm.</summary>
    Confirm,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>The state of the other connections between the same two nodes.</summary>
internal enum Rival
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>There is one whose handshake has not ended.</summary>
    Connecting,

    /// <summary>There is one.</summary>
    Connected,
}

/// <summary>What to do.</summary>
internal enum Move
{
    /// <summary>Nothing.</summary>
    Wait,

    /// <summary>Say who this node is.</summary>
    AnswerId,

    /// <summary>Ask for this connection, with priority 1.</summary>
    Claim,

    /// <summary>Ask for this connection, with a random priority: another one is in its handshake.</summary>
    Bid,

    /// <summary>Choose this connection and say so.</summary>
    Confirm,

    /// <summary>This connection is chosen.</summary>
    Connect,

    /// <summary>Send priority 0 and close: there is another connection.</summary>
    Decline,

    /// <summary>Close: there is another connection.</summary>
    CloseDuplicate,

    /// <summary>Close: this is a connection to oneself.</summary>
    CloseSelf,

    /// <summary>Close: somebody else answers there.</summary>
    CloseStranger,

    /// <summary>Close: the peer is not admitted.</summary>
    CloseUnadmitted,

    /// <summary>Close: the peer could not be reached again.</summary>
    CloseUnreachable,

    /// <summary>Close: that packet has no meaning here.</summary>
    CloseUnexpected,
}

/// <summary>
/// The handshake of masterless, which leaves one connection between two nodes (SPEC.md, "masterless: handshake"): for each state and each packet what to do.
/// </summary>
internal static class HandshakeRules
{
    /// <summary>What to do with what came.</summary>
    /// <param name="role">Who opened the connection.</param>
    /// <param name="stage">How far its handshake is: not connected, not closed.</param>
    /// <param name="arrival">What came.</param>
    /// <param name="same">The other connection opened by the same side.</param>
    /// <param name="opposite">The connection opened by the other side.</param>
    public static Move Next(Role role, Stage stage, Arrival arrival, Rival same, Rival opposite) => (role, stage, arrival, same, opposite) switch
    {
        (_, _, Arrival.Heartbeat, _, _) => Move.Wait,

        (_, Stage.AwaitsId, Arrival.OwnId, _, _) => Move.CloseSelf,
        (_, Stage.AwaitsId, Arrival.StrangeId, _, _) => Move.CloseStranger,
        (_, Stage.AwaitsId, Arrival.UnadmittedId, _, _) => Move.CloseUnadmitted,

        (Role.Connector, Stage.AwaitsId, Arrival.Id, not Rival.None, _) => Move.Decline,
        (Role.Connector, Stage.AwaitsId, Arrival.Id, _, Rival.Connected) => Move.Decline,
        (Role.Connector, Stage.AwaitsId, Arrival.Id, _, Rival.Connecting) => Move.Bid,
        (Role.Connector, Stage.AwaitsId, Arrival.Id, _, Rival.None) => Move.Claim,

        (Role.Connector, Stage.AwaitsChoice, Arrival.Confirm, _, Rival.Connected) => Move.CloseDuplicate,
        (Role.Connector, Stage.AwaitsChoice, Arrival.Confirm, _, _) => Move.Connect,

        (Role.Acceptor, Stage.AwaitsId, Arrival.IdWithoutAddress, _, _) => Move.CloseUnreachable,
        (Role.Acceptor, Stage.AwaitsId, Arrival.Id, not Rival.None, _) => Move.CloseDuplicate,
        (Role.Acceptor, Stage.AwaitsId, Arrival.Id, _, not Rival.None) => Move.CloseDuplicate,
        (Role.Acceptor, Stage.AwaitsId, Arrival.Id, _, Rival.None) => Move.AnswerId,

        (Role.Acceptor, Stage.AwaitsChoice, Arrival.Refusal, _, _) => Move.CloseDuplicate,
        (Role.Acceptor, Stage.AwaitsChoice, Arrival.Priority or Arrival.LowerPriority, _, Rival.Connected) => Move.CloseDuplicate,
        (Role.Acceptor, Stage.AwaitsChoice, Arrival.LowerPriority, _, Rival.Connecting) => Move.CloseDuplicate,
        (Role.Acceptor, Stage.AwaitsChoice, Arrival.Priority or Arrival.LowerPriority, _, _) => Move.Confirm,

        _ => Move.CloseUnexpected,
    };
}

using Link.Masterless.Packets;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>
/// The nodes this one is connected or shaking hands with, by the ids of both: at most one connection in each direction is beyond its first packet, and one alone is chosen (SPEC.md,
/// "masterless: handshake"). Bounded by the limits of connections. Safe for concurrent use.
/// </summary>
/// <param name="onForgotten">Told of a node with which there is nothing any more. Not called under the lock.</param>
/// <param name="newPriority">Gives a random priority.</param>
internal sealed class NodeTable(Action<string> onForgotten, Func<double> newPriority)
{
    private readonly Dictionary<(string Own, string Remote), Node> _nodes = [];
    private readonly Lock _gate = new();

    /// <summary>The id of this node, by which it looks for others.</summary>
    public required string OwnId { get; set; }

    /// <summary>All chosen connections.</summary>
    public IReadOnlyList<MeshLink> Links
    {
        get
        {
            lock (_gate)
            {
                return [.. _nodes.Values.Select(node => node.Link).OfType<MeshLink>()];
            }
        }
    }

    /// <summary>The chosen connection with that node, or null.</summary>
    public MeshLink? Find(string id)
    {
        lock (_gate)
        {
            return _nodes.GetValueOrDefault((OwnId, id))?.Link;
        }
    }

    /// <summary>The chosen connection with that node, perhaps from the time when this one had another id; or null.</summary>
    public MeshLink? FindOfAnyId(string id)
    {
        lock (_gate)
        {
            return Find(id) ?? _nodes.FirstOrDefault(node => node.Key.Remote == id && node.Value.Link is not null).Value?.Link;
        }
    }

    /// <summary>Whether that node is connected or shaking hands.</summary>
    public bool IsKnown(string id)
    {
        lock (_gate)
        {
            return _nodes.ContainsKey((OwnId, id));
        }
    }

    /// <summary>The id of a node that this one has dialled at that address, and is connected or shaking hands with; null when there is none.</summary>
    public string? DialledAt(Endpoint address)
    {
        lock (_gate)
        {
            return IdOf(node => node.Outgoing?.Address == address);
        }
    }

    /// <summary>The id of a node that this one has dialled at the place to which a dial has led; or else of a node that says of itself that it listens there.</summary>
    public string? KnownAt(Handshake dial)
    {
        lock (_gate)
        {
            return IdOf(node => node.Outgoing?.LeadsToSamePlace(dial) == true) ?? IdOf(node => node.Incoming is { AnnouncesItself: true } incoming && incoming.LeadsToSamePlace(dial));
        }
    }

    /// <summary>Says what to do with a packet of a handshake, and takes it for done.</summary>
    public Move Decide(Handshake handshake, in HandshakePacket packet)
    {
        // User code, and not under the lock.
        var isAdmitted = handshake.Stage != Stage.AwaitsId || packet.Id is null || handshake.IsAdmitted(packet.Id);
        lock (_gate)
        {
            if (handshake.Stage is Stage.Closed or Stage.Connected)
            {
                return Move.CloseUnexpected;
            }

            var id = handshake.RemoteId ?? packet.Id;
            var node = id is null ? null : _nodes.GetValueOrDefault((handshake.OwnId, id));
            var arrival = Classify(handshake, packet, node, isAdmitted);
            var move = HandshakeRules.Next(
                handshake.Role, handshake.Stage, arrival, State(node?.Of(handshake.Role), handshake), State(node?.Against(handshake.Role), handshake));
            Apply(handshake, packet, move);
            return move;
        }
    }

    /// <summary>A handshake has ended with this connection.</summary>
    public void Publish(MeshLink link)
    {
        TaskCompletionSource? change = null;
        lock (_gate)
        {
            if (_nodes.TryGetValue((link.Handshake.OwnId, link.Id), out var node) && node.Of(link.Handshake.Role) == link.Handshake)
            {
                node.Link = link;
                change = node.TakeChange();
            }
        }

        change?.TrySetResult();
    }

    /// <summary>A handshake, or the connection that came of it, is over.</summary>
    public void Leave(Handshake handshake)
    {
        TaskCompletionSource? change = null;
        var isForgotten = false;
        lock (_gate)
        {
            handshake.Stage = Stage.Closed;
            if (handshake.RemoteId is { } id && _nodes.TryGetValue((handshake.OwnId, id), out var node) && node.Of(handshake.Role) == handshake)
            {
                node.Set(handshake.Role, null);
                change = node.TakeChange();
                isForgotten = node.IsEmpty && _nodes.Remove((handshake.OwnId, id));
            }
        }

        change?.TrySetResult();
        if (isForgotten)
        {
            onForgotten(handshake.RemoteId!);
        }
    }

    /// <summary>The connection with that node, as soon as one is chosen; null when there is none and no handshake.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<MeshLink?> WhenSettledAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_gate)
            {
                if (!_nodes.TryGetValue((OwnId, id), out var node) || node.Link is not null)
                {
                    return node?.Link;
                }

                change = node.Change;
            }

            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static Arrival Classify(Handshake handshake, in HandshakePacket packet, Node? node, bool isAdmitted) => (handshake.Stage, packet) switch
    {
        (_, { IsHeartbeat: true }) => Arrival.Heartbeat,
        (Stage.AwaitsId, { Id: { } id }) when id == handshake.OwnId => Arrival.OwnId,
        (Stage.AwaitsId, { Id: { } id }) when handshake.Expected is { } expected && id != expected => Arrival.StrangeId,
        (Stage.AwaitsId, { Id: not null }) when !isAdmitted => Arrival.UnadmittedId,
        (Stage.AwaitsId, { Id: not null }) when handshake.Role == Role.Acceptor && handshake.AddressIn(packet) is null => Arrival.IdWithoutAddress,
        (Stage.AwaitsId, { Id: not null }) => Arrival.Id,
        (Stage.AwaitsChoice, { Confirms: true }) when handshake.Role == Role.Connector => Arrival.Confirm,
        (Stage.AwaitsChoice, { Priority: 0 }) when handshake.Role == Role.Acceptor => Arrival.Refusal,
        (Stage.AwaitsChoice, { Priority: { } theirs }) when handshake.Role == Role.Acceptor =>
            IsLower(theirs, node?.Outgoing, handshake) ? Arrival.LowerPriority : Arrival.Priority,
        _ => Arrival.Other,
    };

    /// <summary>The same priorities, which originals leave undecided: the connection of the node with the larger id stays. Both sides see that alike.</summary>
    private static bool IsLower(double theirs, Handshake? own, Handshake handshake) =>
        own is not null && (theirs < own.Priority || (theirs == own.Priority && string.CompareOrdinal(handshake.OwnId, handshake.RemoteId) > 0));

    private static Rival State(Handshake? other, Handshake than) => other switch
    {
        null => Rival.None,
        _ when other == than => Rival.None,
        { Stage: Stage.Connected } => Rival.Connected,
        _ => Rival.Connecting,
    };

    private void Apply(Handshake handshake, in HandshakePacket packet, Move move)
    {
        switch (move)
        {
            case Move.AnswerId or Move.Claim or Move.Bid:
                handshake.Know(packet.Id!, handshake.Role == Role.Acceptor ? handshake.AddressIn(packet) : null);
                handshake.Stage = Stage.AwaitsChoice;

                // Never 0, which says that a connection is not wanted.
                handshake.Priority = move == Move.Bid ? Math.Max(newPriority(), double.Epsilon) : 1;
                Enter(handshake);
                break;
            case Move.Confirm or Move.Connect:
                handshake.Stage = Stage.Connected;
                break;
            case Move.Decline or Move.CloseDuplicate when handshake.RemoteId is null:
                // It has no place in this table, and need not leave it; but whoever dialled wants to know whom.
                handshake.Know(packet.Id!, null);
                handshake.Stage = Stage.Closed;
                handshake.Elsewhere = Elsewhere(_nodes[(handshake.OwnId, packet.Id!)], handshake.Address ?? handshake.AddressIn(packet));
                break;
        }
    }

    /// <summary>
    /// Where the connection with a node leads, when another one of the same id leads to another port: then they are two nodes. Hosts may have several addresses. A node without a name
    /// has its id alone, and another port for each connection.
    /// </summary>
    private static Endpoint? Elsewhere(Node node, Endpoint? address)
    {
        var known = node.Link?.Handshake ?? node.Outgoing ?? node.Incoming;
        return NodeName.Of(known?.RemoteId ?? "") is null || node.Outgoing?.Address?.Port == address?.Port || node.Incoming?.Address?.Port == address?.Port ? null : known?.Address;
    }

    private string? IdOf(Predicate<Node> isWanted) => _nodes.FirstOrDefault(node => node.Key.Own == OwnId && isWanted(node.Value)).Key.Remote;

    private void Enter(Handshake handshake)
    {
        var ids = (handshake.OwnId, handshake.RemoteId!);
        if (!_nodes.TryGetValue(ids, out var node))
        {
            _nodes[ids] = node = new Node();
        }

        node.Set(handshake.Role, handshake);
    }

    /// <summary>What there is with one node.</summary>
    private sealed class Node
    {
        private TaskCompletionSource? _change;

        public Handshake? Outgoing { get; private set; }

        public Handshake? Incoming { get; private set; }

        public MeshLink? Link { get; set; }

        /// <summary>Ends when a connection has been chosen, or one is over.</summary>
        public Task Change => (_change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public bool IsEmpty => Outgoing is null && Incoming is null;

        public Handshake? Of(Role role) => role == Role.Connector ? Outgoing : Incoming;

        public Handshake? Against(Role role) => role == Role.Connector ? Incoming : Outgoing;

        public void Set(Role role, Handshake? handshake)
        {
            if (handshake is null && Link?.Handshake == Of(role))
            {
                Link = null;
            }

            (Outgoing, Incoming) = role == Role.Connector ? (handshake, Incoming) : (Outgoing, handshake);
        }

        /// <summary>Gives what ends <see cref="Change"/>.</summary>
        public TaskCompletionSource? TakeChange()
        {
            var taken = _change;
            _change = null;
            return taken;
        }
    }
}

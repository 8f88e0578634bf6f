using System.Text;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Masterless;
using Link.Masterless.Packets;
using Link.Streams.Endpoints;

namespace Link.Tests.Masterless.Links;

/// <summary>
/// Two nodes and the connections between them without sockets and clocks: a test decides what arrives next. Node 0 is of Link; node 1 is, too, or is an original as
/// protocols/masterless.md describes it.
/// </summary>
internal sealed class ModelWorld
{
    private const string End = "end";

    private readonly IModelNode[] _nodes;

    /// <summary>What travels: for each connection and each of its ends what is on the way there. Both ends of a connection have its index.</summary>
    private readonly Queue<string>[,] _travels;
    private readonly int[] _dialledBy;

    /// <param name="dialledBy">For each connection the node that dials it.</param>
    /// <param name="isOriginal">Whether node 1 is an original.</param>
    /// <param name="priorities">The random numbers of both nodes.</param>
    public ModelWorld(int[] dialledBy, bool isOriginal, double[] priorities)
    {
        _dialledBy = dialledBy;
        _travels = new Queue<string>[dialledBy.Length, 2];
        _nodes = [new LinkNode("a", "b", this, 0, priorities[0]), isOriginal ? new OriginalNode("b", this, 1, priorities[1]) : new LinkNode("b", "a", this, 1, priorities[1])];
        for (var connection = 0; connection < dialledBy.Length; connection++)
        {
            _travels[connection, 0] = new Queue<string>();
            _travels[connection, 1] = new Queue<string>();
            var from = dialledBy[connection];
            Send(connection, from, $$"""{"id":"{{"ab"[from]}}","info":"tcp://127.0.0.1:{{from + 1}}"}""");
        }
    }

    /// <summary>Where something can arrive next.</summary>
    public List<(int Connection, int Node)> Choices =>
    [
        .. from connection in Enumerable.Range(0, _dialledBy.Length)
           from node in new[] { 0, 1 }
           where _travels[connection, node].Count > 0
           select (connection, node),
    ];

    /// <summary>The connections that each node has chosen.</summary>
    public (int[] Zero, int[] One) Chosen => (Of(0), Of(1));

    public Role RoleOf(int connection, int node) => _dialledBy[connection] == node ? Role.Connector : Role.Acceptor;

    public void Send(int connection, int from, string packet) => _travels[connection, 1 - from].Enqueue(packet);

    public void Close(int connection, int from) => Send(connection, from, End);

    public void Deliver((int Connection, int Node) next)
    {
        var packet = _travels[next.Connection, next.Node].Dequeue();
        if (packet == End)
        {
            _nodes[next.Node].Ended(next.Connection);
        }
        else
        {
            _nodes[next.Node].Received(next.Connection, packet);
        }
    }

    private int[] Of(int node) => [.. Enumerable.Range(0, _dialledBy.Length).Where(connection => _nodes[node].HasChosen(connection))];

    private interface IModelNode
    {
        void Received(int connection, string packet);

        void Ended(int connection);

        bool HasChosen(int connection);
    }

    /// <summary>The table of Link, as Mesh uses it.</summary>
    private sealed class LinkNode : IModelNode
    {
        private static readonly JsonLines Format = new();

        private readonly ModelWorld _world;
        private readonly int _self;
        private readonly NodeTable _table;
        private readonly Handshake[] _handshakes;

        public LinkNode(string own, string other, ModelWorld world, int self, double priority)
        {
            _world = world;
            _self = self;
            _table = new NodeTable(_ => { }, () => priority) { OwnId = own };
            var options = new MeshOptions();
            _handshakes =
            [
                .. world._dialledBy.Select((by, connection) => new Handshake(
                    world.RoleOf(connection, self),
                    new PeerStream(Stream.Null, new Peer { Endpoint = $"tcp://127.0.0.1:{connection + 10}" }),
                    own,
                    "tcp://127.0.0.1:1",
                    by == self ? new Dial(Endpoint.Parse("tcp://127.0.0.1:2"), other, Keeps: true) : null,
                    options,
                    _table)),
            ];
        }

        public void Received(int connection, string packet)
        {
            var handshake = _handshakes[connection];
            if (handshake.Stage is Stage.Closed or Stage.Connected)
            {
                return;
            }

            var move = _table.Decide(handshake, HandshakePacket.Read(Format.Read(Encoding.UTF8.GetBytes(packet))));
            var answer = Answer(handshake, move);
            if (answer is not null)
            {
                _world.Send(connection, _self, answer);
            }

            if (move is not (Move.Wait or Move.AnswerId or Move.Claim or Move.Bid or Move.Confirm or Move.Connect))
            {
                _table.Leave(handshake);
                _world.Close(connection, _self);
            }
        }

        public void Ended(int connection)
        {
            if (_handshakes[connection].Stage != Stage.Closed)
            {
                _table.Leave(_handshakes[connection]);
                _world.Close(connection, _self);
            }
        }

        public bool HasChosen(int connection) => _handshakes[connection].Stage == Stage.Connected;

        private string? Answer(Handshake handshake, Move move)
        {
            using var output = new PooledBuffer();
            switch (move)
            {
                case Move.AnswerId:
                    HandshakePacket.WriteAnswer(output, handshake.OwnId);
                    break;
                case Move.Claim or Move.Bid:
                    HandshakePacket.WritePriority(output, handshake.Priority);
                    break;
                case Move.Decline:
                    HandshakePacket.WritePriority(output, 0);
                    break;
                case Move.Confirm:
                    HandshakePacket.WriteConfirm(output);
                    break;
                default:
                    return null;
            }

            return Encoding.UTF8.GetString(output.WrittenSpan);
        }
    }

    /// <summary>An original: one state and one priority for each direction.</summary>
    private sealed class OriginalNode(string id, ModelWorld world, int self, double random) : IModelNode
    {
        private enum State
        {
            None,
            Connecting,
            Connected,
        }

        private readonly HashSet<int> _known = [];
        private readonly HashSet<int> _closed = [];
        private readonly HashSet<int> _chosen = [];
        private readonly State[] _states = new State[2];
        private double _priority;

        public void Received(int connection, string packet)
        {
            if (_closed.Contains(connection) || _chosen.Contains(connection))
            {
                return;
            }

            var read = System.Text.Json.JsonDocument.Parse(packet).RootElement;
            var isOutgoing = world.RoleOf(connection, self) == Role.Connector;
            if (!_known.Contains(connection))
            {
                TakeId(connection, isOutgoing);
            }
            else if (isOutgoing)
            {
                Assert.True(read.GetProperty("confirm").GetBoolean());
                Choose(connection, Role.Connector);
            }
            else
            {
                TakePriority(connection, read.GetProperty("priority").GetDouble());
            }
        }

        public void Ended(int connection)
        {
            if (!_closed.Contains(connection))
            {
                Close(connection);
            }
        }

        public bool HasChosen(int connection) => _chosen.Contains(connection) && !_closed.Contains(connection);

        private void TakeId(int connection, bool isOutgoing)
        {
            var (same, other) = isOutgoing ? (_states[0], _states[1]) : (_states[1], _states[0]);
            if (same != State.None || (isOutgoing ? other == State.Connected : other != State.None))
            {
                if (isOutgoing)
                {
                    world.Send(connection, self, """{"priority":0}""");
                }

                _closed.Add(connection);
                world.Close(connection, self);
                return;
            }

            _known.Add(connection);
            _states[isOutgoing ? 0 : 1] = State.Connecting;
            _priority = isOutgoing ? (other == State.Connecting ? random : 1) : _priority;
            world.Send(connection, self, isOutgoing ? FormattableString.Invariant($$"""{"priority":{{_priority}}}""") : $$"""{"id":"{{id}}"}""");
        }

        private void TakePriority(int connection, double theirs)
        {
            if (_states[0] == State.Connected || (_states[0] == State.Connecting && theirs < _priority))
            {
                Close(connection);
                return;
            }

            world.Send(connection, self, """{"confirm":true}""");
            Choose(connection, Role.Acceptor);
        }

        private void Choose(int connection, Role role)
        {
            _states[role == Role.Connector ? 0 : 1] = State.Connected;
            _chosen.Add(connection);
        }

        private void Close(int connection)
        {
            _closed.Add(connection);
            world.Close(connection, self);
            if (_known.Contains(connection))
            {
                _states[world.RoleOf(connection, self) == Role.Connector ? 0 : 1] = State.None;
            }
        }
    }
}

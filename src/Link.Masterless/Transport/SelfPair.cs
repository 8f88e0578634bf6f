using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>Both ends of a connection of a node with itself: the same bytes as between two nodes, without a handshake and without a socket.</summary>
internal static class SelfPair
{
    /// <summary>Makes the two.</summary>
    /// <param name="name">The name of the node.</param>
    /// <param name="listening">Where it listens.</param>
    /// <param name="options">The bounds.</param>
    public static (MeshLink Dialled, MeshLink Accepted) Create(string name, Endpoint listening, MeshOptions options)
    {
        var (one, other) = PairedStream.CreatePair();
        return (Link(Role.Connector, one), Link(Role.Acceptor, other));

        MeshLink Link(Role role, PairedStream stream)
        {
            var nodes = new NodeTable(static _ => { }, static () => 0) { OwnId = name };
            var peer = new Peer { Name = name, Endpoint = listening.ToString(), IsDialled = role == Role.Connector };
            Dial? dial = peer.IsDialled ? new Dial(listening, name, Keeps: true) : null;
            var handshake = new Handshake(role, new PeerStream(stream, peer), name, listening.ToString(), dial, options, nodes);
            handshake.Know(name, listening);
            return new MeshLink(handshake, options, nodes);
        }
    }
}

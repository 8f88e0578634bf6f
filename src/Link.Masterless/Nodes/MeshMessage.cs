using Link.Abstractions;
using Newtonsoft.Json.Linq;

namespace Link.Masterless;

/// <summary>A packet that has come in. It is parsed where it is looked at, not before. Safe for concurrent use.</summary>
public sealed class MeshMessage
{
    private readonly MeshNode _node;
    private JToken? _data;

    internal MeshMessage(MeshNode node, string sender, Payload packet) => (_node, Sender, Packet) = (node, sender, packet);

    /// <summary>The id of the node that sent it.</summary>
    public string Sender { get; }

    /// <summary>The packet as unparsed JSON. Nodes of Link send objects; others may send anything.</summary>
    public Payload Packet { get; }

    /// <summary>The packet as a token; parsed once.</summary>
    /// <exception cref="LinkException">It cannot be represented (<see cref="LinkError.InvalidData"/>).</exception>
    public JToken Data => _data ??= Packet.AsToken();

    /// <summary>Converts the packet with the serializer of the options. Each call converts anew.</summary>
    /// <exception cref="LinkException">It does not fit the type (<see cref="LinkError.InvalidData"/>).</exception>
    public T? As<T>() => Packet.As<T>(_node.Serializer);

    /// <summary>Sends a packet to the sender.</summary>
    /// <inheritdoc cref="MeshNode.SendAsync(string, object, CancellationToken)"/>
    public Task<bool> ReplyAsync(object packet) => _node.SendAsync(Sender, packet);
}

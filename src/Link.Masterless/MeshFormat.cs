namespace Link.Masterless;

/// <summary>How the packets of a mesh look on the wire. All nodes of a mesh must have the same: the two cannot talk to each other.</summary>
public enum MeshFormat
{
    /// <summary>Lines of JSON, as npm's masterless.</summary>
    Json,

    /// <summary>MessagePack, as masterless-msgpack.</summary>
    MessagePack,
}

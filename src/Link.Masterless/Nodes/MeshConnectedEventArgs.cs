namespace Link.Masterless;

/// <summary>A node has been connected with.</summary>
public sealed class MeshConnectedEventArgs : EventArgs
{
    internal MeshConnectedEventArgs(string id, string info) => (Id, Info) = (id, info);

    /// <summary>The id of the other node.</summary>
    public string Id { get; }

    /// <summary>Where it listens: what was dialled, or what it has announced.</summary>
    public string Info { get; }
}

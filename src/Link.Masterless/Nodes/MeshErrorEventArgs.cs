namespace Link.Masterless;

/// <summary>Something went wrong at a node that belongs to no call.</summary>
public sealed class MeshErrorEventArgs : EventArgs
{
    internal MeshErrorEventArgs(Exception error, string? id) => (Error, Id) = (error, id);

    /// <summary>What a handler threw; or a <see cref="Abstractions.LinkException"/>, such as for a handshake that failed.</summary>
    public Exception Error { get; }

    /// <summary>The id of the node whose packet was handled; null where there is none.</summary>
    public string? Id { get; }
}

using Link.Abstractions;

namespace Link.Masterless;

/// <summary>There is no connection with a node any more, and none is attempted.</summary>
public sealed class MeshDisconnectedEventArgs : EventArgs
{
    internal MeshDisconnectedEventArgs(string id, LinkException? error) => (Id, Error) = (id, error);

    /// <summary>The id of the other node.</summary>
    public string Id { get; }

    /// <summary>What broke it, or why it could not be made again; null when one of the two closed it in good order.</summary>
    public LinkException? Error { get; }
}

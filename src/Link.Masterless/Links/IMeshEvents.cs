using Link.Abstractions;

namespace Link.Masterless;

/// <summary>What a <see cref="Mesh"/> has to tell. Short, and never throws; may be called by several threads at once.</summary>
internal interface IMeshEvents
{
    /// <summary>
    /// A connection has been chosen by both sides. Nothing has been read from it since, and nobody else can have written to it: what is written here is the
    /// first. The callee owns it, and must read it until the end or dispose it.
    /// </summary>
    void OnConnected(MeshLink link);

    /// <summary>There is no connection with that node any more, and no handshake.</summary>
    void OnForgotten(string id);

    /// <summary>Something was wrong that belongs to no connection the callee has been given.</summary>
    void OnFault(LinkException fault);
}

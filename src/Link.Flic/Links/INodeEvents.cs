using Link.Abstractions;

namespace Link.Flic;

/// <summary>What comes in on a <see cref="NodeLink"/>. Called on its receive loop, one at a time: short, and never throws. The memory is the callee's for good.</summary>
internal interface INodeEvents
{
    /// <summary>The bridge has acknowledged the name. Everything else but a fault and the end comes after it.</summary>
    /// <param name="link">What to answer by.</param>
    void OnRegistered(NodeLink link);

    /// <summary>Somebody told this node something.</summary>
    /// <param name="sender">Who, as the bridge says.</param>
    /// <param name="id">What an answer must carry, JSON text; empty when there is none.</param>
    /// <param name="name">The event.</param>
    /// <param name="arguments">A JSON array.</param>
    void OnTell(string sender, ReadOnlyMemory<byte> id, string name, ReadOnlyMemory<byte> arguments);

    /// <summary>Somebody told everybody something.</summary>
    /// <param name="name">The event.</param>
    /// <param name="data">A JSON array of the event and its arguments.</param>
    void OnShout(string name, ReadOnlyMemory<byte> data);

    /// <summary>An answer came.</summary>
    /// <param name="id">The id of what it answers, JSON text.</param>
    /// <param name="arguments">A JSON array; empty when there is none.</param>
    void OnAnswer(ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> arguments);

    /// <summary>The bridge stops. Nothing else is known to follow.</summary>
    /// <param name="parting">A JSON array; empty when there is none.</param>
    void OnClose(ReadOnlyMemory<byte> parting);

    /// <summary>Something was wrong, and only that was dropped.</summary>
    void OnFault(LinkException fault);

    /// <summary>The connection has ended; the last call. Comes for one that was never registered, too.</summary>
    /// <param name="link">Which.</param>
    /// <param name="cause">Why; null when it was closed in good order.</param>
    void OnEnded(NodeLink link, LinkException? cause);
}

using System.Threading.Channels;

namespace Link.Abstractions;

/// <summary>
/// Gives connections to named peers: one wire protocol is one transport.
/// </summary>
/// <remarks>
/// <para>What the caller guarantees: <see cref="BindAsync"/> and <see cref="UnbindAsync"/> never overlap each other;
/// one caller at a time in <see cref="AcceptAsync"/>; <see cref="ConnectAsync"/> may overlap with everything, itself included;
/// <see cref="IAsyncDisposable.DisposeAsync"/> may come at any time, more than once, and nothing is called after it.</para>
/// <para>What the transport guarantees: it never calls back into user code; every established connection, dialled or accepted, is
/// yielded by <see cref="AcceptAsync"/> exactly once; its tables and queues are bounded; disposal
/// leaves the connections it has yielded to their owners.</para>
/// <para>Over datagrams less is known: a dial to where nobody listens may succeed, a newcomer beyond the connection limit is passed over without
/// a word, or takes the place of a peer that waits for nothing, whose connection then ends cleanly; and a name that is given up stays
/// taken while somebody waits for an answer on a connection made through it, whereas the other such connections end with it.</para>
/// <para>Through a broker a transport has one connection to each peer: every dial gives that one, and it is still yielded once. A name that is given
/// up is kept as over datagrams. A dial may succeed before the peer has refused it, and the connection then ends as <see cref="LinkError.Overloaded"/>;
/// a peer of another program that waits for nothing may have to make room.</para>
/// </remarks>
public interface ITransport : IAsyncDisposable
{
    /// <summary>
    /// Faults that belong to no connection the caller holds, such as a refused stranger or a dropped message.
    /// Bounded: when nobody reads, the newest are lost and <see cref="LostFaults"/> counts them. Completes on disposal.
    /// </summary>
    ChannelReader<LinkException> Faults { get; }

    /// <summary>How many faults were lost because nobody read <see cref="Faults"/>.</summary>
    long LostFaults { get; }

    /// <summary>Claims the local name and begins to accept. Valid again after <see cref="UnbindAsync"/>.</summary>
    /// <exception cref="LinkException">
    /// The name cannot be had (<see cref="LinkError.NameUnavailable"/>); or, where somebody else keeps the names, that is not there
    /// (<see cref="LinkError.NoSuchPeer"/>, <see cref="LinkError.Timeout"/>).
    /// </exception>
    /// <exception cref="ArgumentException">The name has a form that this transport cannot express.</exception>
    /// <exception cref="InvalidOperationException">Already bound.</exception>
    ValueTask BindAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Gives the local name up. Established connections go on. Does nothing when not bound.</summary>
    ValueTask UnbindAsync(CancellationToken cancellationToken = default);

    /// <summary>Dials the named peer once. The connection returned has been or will be yielded by <see cref="AcceptAsync"/>.</summary>
    /// <exception cref="LinkException">
    /// <see cref="LinkError.NoSuchPeer"/>, <see cref="LinkError.Untrusted"/>, <see cref="LinkError.Overloaded"/> (the connection limit),
    /// <see cref="LinkError.Timeout"/>, <see cref="LinkError.ConnectionLost"/> (during a handshake), <see cref="LinkError.ProtocolViolation"/> (not the
    /// protocol that was dialled) or <see cref="LinkError.Disposed"/>; the fate is always <see cref="RequestFate.NotSent"/>.
    /// </exception>
    /// <exception cref="ArgumentException">The name has a form that this transport cannot express.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; no connection is left behind.</exception>
    ValueTask<IConnection> ConnectAsync(string peer, CancellationToken cancellationToken = default);

    /// <summary>
    /// The next established connection, whoever dialled; null once the transport is disposed. Works before <see cref="BindAsync"/>.
    /// The caller owns what it gets, and must read it until the end or dispose it.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; no connection is lost.</exception>
    ValueTask<IConnection?> AcceptAsync(CancellationToken cancellationToken = default);
}

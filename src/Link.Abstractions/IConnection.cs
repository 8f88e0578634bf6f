namespace Link.Abstractions;

/// <summary>
/// A live, ordered, reliable conversation with one peer. Dead once closed: a connection never reconnects.
/// </summary>
/// <remarks>
/// What the caller guarantees: one caller at a time in <see cref="ReadAsync"/> and <see cref="TryRead"/>; <see cref="WriteAsync"/> and <see cref="Flush"/> may be called
/// by many at once and while a read is under way; <see cref="IAsyncDisposable.DisposeAsync"/> may come at any time, more than once.
/// <para>Over datagrams it is neither ordered nor reliable: what was accepted for sending may be lost, doubled or overtaken. What does not fit into one
/// datagram is <see cref="LinkError.TooLarge"/>; a reader that does not read loses the newest, and no writer is refused for it; a malformed message
/// is dropped alone; and that the other side has ended is noticed by silence, as a clean end.</para>
/// <para>Through a broker, which many connections share, no writer is refused because a reader does not read: beyond its bound a request is answered
/// by a refusal, and replies end the connection as <see cref="LinkError.Overloaded"/>. A frame larger than the reader's limit ends all connections through
/// that reader's place at the broker. A peer that is found to have gone is <see cref="LinkError.NoSuchPeer"/>. A reply that nobody asked for is dropped.</para>
/// </remarks>
public interface IConnection : IAsyncDisposable
{
    /// <summary>Who is at the other end.</summary>
    Peer Peer { get; }

    /// <summary>What <see cref="ReadAsync"/> may yield.</summary>
    EnvelopeFlow Flow { get; }

    /// <summary>The next envelope, if it has been received already. Never waits, never throws.</summary>
    /// <param name="envelope">The envelope; its memory belongs to the caller for good.</param>
    /// <returns>False when there is none; whether one is to come, or why not, is for <see cref="ReadAsync"/> to tell.</returns>
    bool TryRead(out Envelope envelope);

    /// <summary>
    /// The next envelope; null at a clean end, and after disposal. The envelope's memory belongs to the caller for good.
    /// </summary>
    /// <exception cref="LinkException">
    /// The connection broke (<see cref="LinkError.ConnectionLost"/>), the peer broke the protocol
    /// (<see cref="LinkError.ProtocolViolation"/>, <see cref="LinkError.TooLarge"/>), or a bound ran out (<see cref="LinkError.Timeout"/>,
    /// <see cref="LinkError.Overloaded"/>). The connection is closed; every later read gives null or the same failure.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the connection is unharmed and no envelope is lost.</exception>
    ValueTask<Envelope?> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Hands one envelope over for sending, whole or not at all, in the order of the calls. Completed means accepted into the bounded outbound
    /// backlog: the envelope's payload memory may be reused. Bytes that cannot be delivered afterwards end the connection.
    /// </summary>
    /// <param name="envelope">What to send.</param>
    /// <param name="more">True when the caller is about to write again or to call <see cref="Flush"/>: sending may wait until then.</param>
    /// <param name="cancellationToken">Counts until the envelope is accepted, not afterwards.</param>
    /// <exception cref="LinkException">
    /// Nothing of it was sent: <see cref="LinkError.TooLarge"/>, <see cref="LinkError.Overloaded"/> (the backlog is full),
    /// <see cref="LinkError.ConnectionLost"/> (already closed),
    /// <see cref="LinkError.Untrusted"/> (already closed, because the peer does not trust this process). The fate is always <see cref="RequestFate.NotSent"/>.
    /// </exception>
    /// <exception cref="ArgumentException">The protocol carries no envelope of this kind in this direction.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first; nothing was sent.</exception>
    ValueTask WriteAsync(Envelope envelope, bool more = false, CancellationToken cancellationToken = default);

    /// <summary>Starts sending what writes with <c>more</c> left behind. Never blocks, never throws.</summary>
    void Flush();
}

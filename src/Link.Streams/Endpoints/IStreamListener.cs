using Link.Abstractions;

namespace Link.Streams.Endpoints;

/// <summary>
/// Listens on one endpoint. Accepting and finding out who came are two steps, so that a handshake that takes long holds up nobody else.
/// One caller at a time in <see cref="AcceptAsync"/>; any number in <see cref="EstablishAsync"/>; disposal at any time ends the former.
/// </summary>
public interface IStreamListener : IDisposable
{
    /// <summary>Where it listens, with the port that the operating system chose.</summary>
    Endpoint Endpoint { get; }

    /// <summary>The next connection, of which nothing is known yet. It belongs to the caller.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="Exception">Accepting failed; unless the listener is disposed, it may be tried again.</exception>
    ValueTask<Stream> AcceptAsync(CancellationToken cancellationToken = default);

    /// <summary>Finds out who is at the other end, with a handshake where the endpoint has one.</summary>
    /// <param name="accepted">A stream that <see cref="AcceptAsync"/> gave; when this fails, it is disposed.</param>
    /// <param name="cancellationToken">Ends the handshake.</param>
    /// <exception cref="LinkException">The peer is not trusted, or the handshake failed or took too long.</exception>
    ValueTask<PeerStream> EstablishAsync(Stream accepted, CancellationToken cancellationToken = default);
}

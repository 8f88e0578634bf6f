using Link.Streams.Tls;

namespace Link.Streams.Endpoints;

/// <summary>Listens on TCP, and makes TLS of what comes.</summary>
internal sealed class TlsListener(IStreamListener inner, TlsOptions tls, TimeProvider time) : IStreamListener
{
    public Endpoint Endpoint => inner.Endpoint;

    public ValueTask<Stream> AcceptAsync(CancellationToken cancellationToken) => inner.AcceptAsync(cancellationToken);

    public async ValueTask<PeerStream> EstablishAsync(Stream accepted, CancellationToken cancellationToken)
    {
        var plain = await inner.EstablishAsync(accepted, cancellationToken).ConfigureAwait(false);

        // The work of a handshake must not hold up who comes next.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var (stream, peer) = await TlsHandshake.AsServerAsync(plain.Stream, plain.Peer, tls, time, cancellationToken).ConfigureAwait(false);
        return plain with { Stream = stream, Peer = peer };
    }

    public void Dispose() => inner.Dispose();
}

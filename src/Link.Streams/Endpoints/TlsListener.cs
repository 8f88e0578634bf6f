using Link.Streams.Tls;

namespace Link.Streams.Endpoints;

/// <summary>Listens on TCP, and makes TLS of what comes.</summary>
internal sealed class TlsListener(IStreamListener inner, TlsOptions tls, TimeProvider time) : IStreamListener
{
    public Endpoint Endpoint => inner.Endpoint;

    public ValueTask<Stream> AcceptAsync(CancellationToken cancellationToken) => inner.AcceptAsync(cancellationToken);

    public async ValueTask<PeerStream> EstablishAsync(Stream accepted, CancellationToken cancellationToken)
    {
        var (stream, peer) = await inner.EstablishAsync(accepted, cancellationToken).ConfigureAwait(false);

        // The work of a handshake must not hold up who comes next.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        (stream, peer) = await TlsHandshake.AsServerAsync(stream, peer, tls, time, cancellationToken).ConfigureAwait(false);
        return new PeerStream(stream, peer);
    }

    public void Dispose() => inner.Dispose();
}

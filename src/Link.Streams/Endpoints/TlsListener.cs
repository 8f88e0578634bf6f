using System.Net.Security;
using Link.Streams.Tls;

namespace Link.Streams.Endpoints;

/// <summary>Listens on TCP, and makes TLS of what comes.</summary>
internal sealed class TlsListener(IStreamListener inner, SslStreamCertificateContext certificate, TlsOptions tls, TimeProvider time) : IStreamListener
{
    public Endpoint Endpoint => inner.Endpoint;

    public ValueTask<Stream> AcceptAsync(CancellationToken cancellationToken) => inner.AcceptAsync(cancellationToken);

    public async ValueTask<PeerStream> EstablishAsync(Stream accepted, CancellationToken cancellationToken)
    {
        var (stream, peer) = await inner.EstablishAsync(accepted, cancellationToken).ConfigureAwait(false);
        (stream, peer) = await TlsHandshake.AsServerAsync(stream, peer, certificate, tls, time, cancellationToken).ConfigureAwait(false);
        return new PeerStream(stream, peer);
    }

    public void Dispose() => inner.Dispose();
}

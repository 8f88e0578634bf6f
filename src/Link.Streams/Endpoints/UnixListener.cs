using Link.Streams.Sockets;

namespace Link.Streams.Endpoints;

/// <summary>Listens on a socket file, and asks the kernel who came.</summary>
internal sealed class UnixListener(SocketFile file, EndpointOptions options) : IStreamListener
{
    private const int Backlog = 511;

    public Endpoint Endpoint { get; } = Endpoint.Unix(file.Path);

    public static async ValueTask<IStreamListener> ListenAsync(Endpoint endpoint, EndpointOptions options, CancellationToken cancellationToken) =>
        new UnixListener(
            await SocketFile.ClaimAsync(
                endpoint.Address, options.Unlink, Backlog, options.ConnectTimeout, options.TimeProvider, cancellationToken).ConfigureAwait(false),
            options);

    public async ValueTask<Stream> AcceptAsync(CancellationToken cancellationToken) =>
        await AcceptedSocket.NextAsync(file.Listener, options.LowLatency, options.TimeProvider, cancellationToken).ConfigureAwait(false);

    public ValueTask<PeerStream> EstablishAsync(Stream accepted, CancellationToken cancellationToken)
    {
        try
        {
            var peer = PeerIdentity.Check(((SocketStream)accepted).Socket, file.Path, dialledName: null, options.TrustedUserIds);
            return new ValueTask<PeerStream>(new PeerStream(accepted, peer));
        }
        catch
        {
            accepted.Dispose();
            throw;
        }
    }

    public void Dispose() => file.Dispose();
}

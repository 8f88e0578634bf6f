using System.Net;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Sockets;

namespace Link.Streams.Endpoints;

/// <summary>Listens on a TCP port. Who comes is known by address only.</summary>
internal sealed class TcpStreamListener : IStreamListener
{
    private const int Backlog = 511;

    private readonly Socket _listener;
    private readonly EndpointOptions _options;

    private TcpStreamListener(Socket listener, Endpoint endpoint, EndpointOptions options)
    {
        _listener = listener;
        _options = options;
        Endpoint = endpoint;
    }

    public Endpoint Endpoint { get; }

    public static async ValueTask<IStreamListener> ListenAsync(Endpoint endpoint, EndpointOptions options, CancellationToken cancellationToken)
    {
        var address = await ResolveAsync(endpoint, cancellationToken).ConfigureAwait(false);
        HostAddresses.ThrowIfInsecure(endpoint, address, options);
        Socket? listener = null;
        try
        {
            listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.Equals(IPAddress.IPv6Any))
            {
                // Any address is one of IPv4, too.
                listener.DualMode = true;
            }

            TcpTuning.Apply(listener, options.DeadPeerTimeout);
            listener.Bind(new IPEndPoint(address, endpoint.Port));
            listener.Listen(Backlog);
            return new TcpStreamListener(listener, endpoint.WithPort(((IPEndPoint)listener.LocalEndPoint!).Port), options);
        }
        catch (SocketException exception)
        {
            listener?.Dispose();
            throw new LinkException(LinkError.NameUnavailable, $"{endpoint} cannot be listened on: {exception.Message}.", innerException: exception);
        }
    }

    public async ValueTask<Stream> AcceptAsync(CancellationToken cancellationToken) =>
        await AcceptedSocket.NextAsync(_listener, _options.LowLatency, _options.TimeProvider, cancellationToken).ConfigureAwait(false);

    public ValueTask<PeerStream> EstablishAsync(Stream accepted, CancellationToken cancellationToken)
    {
        try
        {
            var socket = ((SocketStream)accepted).Socket;
            TcpTuning.Apply(socket, _options.DeadPeerTimeout);
            var mapped = (IPEndPoint)socket.RemoteEndPoint!;
            var remote = new IPEndPoint(Unmapped(mapped.Address), mapped.Port);
            var peer = new Peer { Endpoint = Endpoint.Network(Endpoint.Kind, remote.Address.ToString(), remote.Port).ToString() };
            return new ValueTask<PeerStream>(new PeerStream(accepted, peer) { Local = (IPEndPoint)socket.LocalEndPoint!, Remote = remote });
        }
        catch (Exception exception)
        {
            accepted.Dispose();
            throw new LinkException(
                LinkError.ConnectionLost, $"A connection to {Endpoint} was gone before it was accepted: {exception.Message}", innerException: exception);
        }
    }

    public void Dispose() => _listener.Dispose();

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static async ValueTask<IPAddress> ResolveAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            return (await HostAddresses.ResolveAsync(endpoint, family: null, cancellationToken).ConfigureAwait(false))[0];
        }
        catch (LinkException exception)
        {
            throw new LinkException(LinkError.NameUnavailable, $"{endpoint} cannot be listened on: {exception.Message}", innerException: exception);
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Sockets;
using Link.Streams.Tls;

namespace Link.Streams.Endpoints;

/// <summary>Dials endpoints of any kind that has streams.</summary>
public static class StreamDialer
{
    /// <summary>Connects once, with the handshake where the endpoint has one. Thread-safe.</summary>
    /// <param name="endpoint">Where: everything but UDP.</param>
    /// <param name="name">The name the peer was looked up by.</param>
    /// <param name="options">Validated by the caller.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is left behind.</param>
    /// <exception cref="LinkException">
    /// <see cref="LinkError.NoSuchPeer"/>, <see cref="LinkError.Untrusted"/>, <see cref="LinkError.Timeout"/> or
    /// <see cref="LinkError.Overloaded"/>; nothing was sent.
    /// </exception>
    /// <exception cref="ArgumentException">The endpoint has no stream, or a form that cannot be dialled.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ValueTask<PeerStream> DialAsync(Endpoint endpoint, string name, EndpointOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(options);
        return endpoint.Kind switch
        {
            EndpointKind.Unix => DialUnixAsync(endpoint, name, options, cancellationToken),
            EndpointKind.Pipe => PipeDialer.DialAsync(endpoint, name, cancellationToken),
            EndpointKind.Tcp => DialTcpAsync(endpoint, name, options, cancellationToken),
            EndpointKind.Tls => DialTlsAsync(endpoint, name, options, cancellationToken),
            _ => throw new ArgumentException($"{endpoint} has no stream.", nameof(endpoint)),
        };
    }

    private static async ValueTask<PeerStream> DialUnixAsync(Endpoint endpoint, string name, EndpointOptions options, CancellationToken cancellationToken)
    {
        var socket = await UnixDialer.ConnectAsync(endpoint.Address, options.TimeProvider, options.ConnectTimeout, cancellationToken).ConfigureAwait(false);
        try
        {
            var peer = PeerIdentity.Check(socket, endpoint.Address, name, options.TrustedUserIds);
            return new PeerStream(new SocketStream(socket, options.LowLatency, options.TimeProvider), peer);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async ValueTask<PeerStream> DialTcpAsync(Endpoint endpoint, string name, EndpointOptions options, CancellationToken cancellationToken)
    {
        var stream = await TcpDialer.ConnectAsync(endpoint, options, cancellationToken).ConfigureAwait(false);
        return new PeerStream(stream, new Peer { Name = name, Endpoint = endpoint.ToString(), IsDialled = true }) { Local = LocalOf(stream), Remote = RemoteOf(stream) };
    }

    private static async ValueTask<PeerStream> DialTlsAsync(Endpoint endpoint, string name, EndpointOptions options, CancellationToken cancellationToken)
    {
        var stream = await TcpDialer.ConnectAsync(endpoint, options, cancellationToken).ConfigureAwait(false);
        var (local, remote) = (LocalOf(stream), RemoteOf(stream));
        var peer = new Peer { Name = name, Endpoint = endpoint.ToString(), IsDialled = true };
        var (tls, known) = await TlsHandshake.AsClientAsync(
            stream, peer, endpoint.Address, options.Tls ?? new TlsOptions(), options.TimeProvider, cancellationToken).ConfigureAwait(false);
        return new PeerStream(tls, known) { Local = local, Remote = remote };
    }

    private static IPEndPoint? LocalOf(SocketStream stream) => stream.Socket.LocalEndPoint as IPEndPoint;

    /// <summary>Null when the peer has gone again already, as its first read will show.</summary>
    private static IPEndPoint? RemoteOf(SocketStream stream)
    {
        try
        {
            return stream.Socket.RemoteEndPoint as IPEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Streams.Datagrams;

/// <summary>Dials UDP ports, each from a socket of its own. Thread-safe.</summary>
public static class DatagramDialer
{
    /// <summary>
    /// Connects a socket and greets with an empty datagram, which node-ipc ignores and Link takes for a new peer. That nobody listens is
    /// known at once only on the same machine; elsewhere a channel to nobody looks like any other.
    /// </summary>
    /// <param name="endpoint">Where; the host's first address of the family is taken.</param>
    /// <param name="name">The name that was dialled.</param>
    /// <param name="codec">Where frames begin and end.</param>
    /// <param name="limits">The bounds; validated by the caller.</param>
    /// <param name="options">What to dial from, and the clock.</param>
    /// <param name="report">Told of what was dropped; short.</param>
    /// <param name="cancellationToken">Ends the wait for the name service.</param>
    /// <exception cref="LinkException">Nobody listens there, as far as is known at once.</exception>
    public static async ValueTask<DatagramChannel> DialAsync(
        Endpoint endpoint,
        string name,
        IFrameCodec codec,
        DatagramLimits limits,
        EndpointOptions options,
        Action<LinkException> report,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(options);
        var remote = await DatagramAddress.ResolveAsync(endpoint, options, cancellationToken).ConfigureAwait(false);
        Socket? socket = null;
        try
        {
            socket = Connect(remote, options.Interface);
            var peer = new Peer { Name = name, Endpoint = endpoint.ToString(), IsDialled = true };
            return new DialledSocket(socket, peer, new DatagramSettings(codec, limits, options.TimeProvider, report)).Channel;
        }
        catch (SocketException exception)
        {
            socket?.Dispose();
            throw Explain(endpoint, exception);
        }
    }

    private static Socket Connect(IPEndPoint remote, LocalInterface local)
    {
        var socket = DatagramSocket.Open(remote.AddressFamily);
        try
        {
            if (local.LocalAddress is not null || local.LocalPort != 0)
            {
                var any = remote.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
                socket.Bind(new IPEndPoint(local.LocalAddress ?? any, local.LocalPort));
            }

            socket.Connect(remote);
            if (remote.Equals(socket.LocalEndPoint))
            {
                // Nobody listens: the kernel chose the port that was dialled as the local one.
                throw new SocketException((int)SocketError.ConnectionRefused);
            }

            Greet(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Greet(Socket socket)
    {
        socket.Send(ReadOnlySpan<byte>.Empty, SocketFlags.None);
        var refusal = (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (refusal != SocketError.Success)
        {
            throw new SocketException((int)refusal);
        }
    }

    private static LinkException Explain(Endpoint endpoint, SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => new LinkException(LinkError.NoSuchPeer, $"Nobody listens on {endpoint}.", innerException: failure),
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.WouldBlock =>
            new LinkException(LinkError.Overloaded, $"{endpoint} was not dialled: {failure.Message}.", innerException: failure),
        _ => new LinkException(LinkError.NoSuchPeer, $"{endpoint} cannot be reached: {failure.Message}.", innerException: failure),
    };
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Sockets;

namespace Link.Streams.Endpoints;

/// <summary>Connects to TCP ports: to the host's addresses one after the other, until one answers. Thread-safe.</summary>
internal static class TcpDialer
{
    /// <summary>Connects once.</summary>
    /// <exception cref="LinkException">Nobody listens there, or nothing answers in time.</exception>
    public static async Task<SocketStream> ConnectAsync(Endpoint endpoint, EndpointOptions options, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        SocketException? failure = null;
        try
        {
            foreach (var address in await HostAddresses.ResolveAsync(endpoint, options.Interface.Family, either.Token).ConfigureAwait(false))
            {
                try
                {
                    var socket = await ConnectOnceAsync(new IPEndPoint(address, endpoint.Port), options, either.Token).ConfigureAwait(false);
                    return new SocketStream(socket, options.LowLatency, options.TimeProvider);
                }
                catch (SocketException exception)
                {
                    failure = exception;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LinkException(
                LinkError.Timeout,
                string.Create(CultureInfo.InvariantCulture, $"{endpoint} did not answer within {options.ConnectTimeout.TotalSeconds:0.###} s."),
                innerException: failure);
        }

        throw Explain(endpoint, failure!);
    }

    private static async Task<Socket> ConnectOnceAsync(IPEndPoint remote, EndpointOptions options, CancellationToken cancellationToken)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            TcpTuning.Apply(socket, options.DeadPeerTimeout);
            BindLocal(socket, options.Interface);
            await socket.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
            if (remote.Equals(socket.LocalEndPoint))
            {
                // Nobody listens: the kernel chose the port that was dialled as the local one, and connected the socket to itself.
                throw new SocketException((int)SocketError.ConnectionRefused);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void BindLocal(Socket socket, LocalInterface local)
    {
        if (local.LocalAddress is not null || local.LocalPort != 0)
        {
            var any = socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
            socket.Bind(new IPEndPoint(local.LocalAddress ?? any, local.LocalPort));
        }
    }

    private static LinkException Explain(Endpoint endpoint, SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => new LinkException(LinkError.NoSuchPeer, $"Nobody listens on {endpoint}.", innerException: failure),
        SocketError.TimedOut => new LinkException(LinkError.Timeout, $"{endpoint} does not answer: {failure.Message}.", innerException: failure),
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable =>
            new LinkException(LinkError.Overloaded, $"{endpoint} was not dialled: {failure.Message}.", innerException: failure),
        _ => new LinkException(LinkError.NoSuchPeer, $"{endpoint} cannot be reached: {failure.Message}.", innerException: failure),
    };
}

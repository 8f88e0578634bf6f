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
        var start = options.TimeProvider.GetTimestamp();
        try
        {
            var family = options.Interface.Family ?? options.Interface.LocalAddress?.AddressFamily;
            var addresses = await HostAddresses.ResolveAsync(endpoint, family, either.Token).ConfigureAwait(false);
            var left = options.ConnectTimeout - options.TimeProvider.GetElapsedTime(start);
            var socket = await ConnectToAnyAsync(endpoint, addresses, left, options, either.Token).ConfigureAwait(false);
            return new SocketStream(socket, options.LowLatency, options.TimeProvider);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Late(endpoint, options, exception);
        }
    }

    /// <summary>Tries the addresses in their order. One that says nothing has its share of the time, so that those after it have theirs.</summary>
    internal static async Task<Socket> ConnectToAnyAsync(
        Endpoint endpoint, IReadOnlyList<IPAddress> addresses, TimeSpan time, EndpointOptions options, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        foreach (var address in addresses)
        {
            using var share = new CancellationTokenSource(Max(time / addresses.Count, TimeSpan.Zero), options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(share.Token, cancellationToken);
            try
            {
                return await ConnectOnceAsync(new IPEndPoint(address, endpoint.Port), options, either.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is SocketException ||
                (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                failure = exception;
            }
        }

        throw failure is SocketException refusal ? Explain(endpoint, refusal) : Late(endpoint, options, failure);
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

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static LinkException Late(Endpoint endpoint, EndpointOptions options, Exception? failure) => new(
        LinkError.Timeout,
        string.Create(CultureInfo.InvariantCulture, $"{endpoint} did not answer within {options.ConnectTimeout.TotalSeconds:0.###} s."),
        innerException: failure);

    private static LinkException Explain(Endpoint endpoint, SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => new LinkException(LinkError.NoSuchPeer, $"Nobody listens on {endpoint}.", innerException: failure),
        SocketError.TimedOut => new LinkException(LinkError.Timeout, $"{endpoint} does not answer: {failure.Message}.", innerException: failure),
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable =>
            new LinkException(LinkError.Overloaded, $"{endpoint} was not dialled: {failure.Message}.", innerException: failure),
        _ => new LinkException(LinkError.NoSuchPeer, $"{endpoint} cannot be reached: {failure.Message}.", innerException: failure),
    };
}

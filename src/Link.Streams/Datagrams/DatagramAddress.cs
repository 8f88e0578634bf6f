using System.Net;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Streams.Datagrams;

/// <summary>Addresses as the system writes them, which a table can be searched by without making anything.</summary>
internal static class DatagramAddress
{
    private static readonly IPEndPoint Any4 = new(IPAddress.Any, 0);
    private static readonly IPEndPoint Any6 = new(IPAddress.IPv6Any, 0);

    /// <summary>A copy to keep: the one that was received into is written again.</summary>
    public static SocketAddress Copy(SocketAddress address)
    {
        var copy = new SocketAddress(address.Family, address.Size);
        address.Buffer.Span[..address.Size].CopyTo(copy.Buffer.Span);
        return copy;
    }

    /// <summary>The IP address and port.</summary>
    public static IPEndPoint Read(SocketAddress address) =>
        (IPEndPoint)(address.Family == AddressFamily.InterNetwork ? Any4 : Any6).Create(address);

    /// <summary>Who is there, as far as an address tells.</summary>
    public static Peer PeerAt(SocketAddress address) => new()
    {
        Endpoint = $"{(address.Family == AddressFamily.InterNetwork ? "udp4" : "udp6")}://{Read(address)}",
    };

    /// <summary>The first address of the endpoint's host that its family has.</summary>
    /// <exception cref="LinkException">There is none, or the name service does not answer in time.</exception>
    /// <exception cref="ArgumentException">The endpoint is not UDP.</exception>
    public static async ValueTask<IPEndPoint> ResolveAsync(Endpoint endpoint, EndpointOptions options, CancellationToken cancellationToken)
    {
        if (!endpoint.IsDatagram)
        {
            throw new ArgumentException($"{endpoint} is not UDP.", nameof(endpoint));
        }

        cancellationToken.ThrowIfCancellationRequested();
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var addresses = await HostAddresses.ResolveAsync(endpoint, family: null, either.Token).ConfigureAwait(false);
            return new IPEndPoint(addresses[0], endpoint.Port);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LinkException(LinkError.Timeout, $"The host of {endpoint} was not found in time.");
        }
    }
}

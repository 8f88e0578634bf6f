using System.Net;
using System.Net.Sockets;
using Link.Abstractions;

namespace Link.Streams.Endpoints;

/// <summary>Finds the IP addresses of an endpoint's host. Thread-safe.</summary>
internal static class HostAddresses
{
    /// <summary>At least one address, in the order in which they are to be tried.</summary>
    /// <param name="endpoint">A network endpoint.</param>
    /// <param name="family">IPv4 or IPv6 alone, or null for both.</param>
    /// <param name="cancellationToken">Ends the wait for the name service.</param>
    /// <exception cref="LinkException">The host has no address (<see cref="LinkError.NoSuchPeer"/>).</exception>
    public static async ValueTask<IPAddress[]> ResolveAsync(Endpoint endpoint, AddressFamily? family, CancellationToken cancellationToken)
    {
        var wanted = endpoint.Kind switch
        {
            EndpointKind.Udp4 => AddressFamily.InterNetwork,
            EndpointKind.Udp6 => AddressFamily.InterNetworkV6,
            _ => family,
        };
        try
        {
            var addresses = IPAddress.TryParse(endpoint.Address, out var literal)
                ? [literal]
                : await Dns.GetHostAddressesAsync(endpoint.Address, cancellationToken).ConfigureAwait(false);
            var fitting = addresses.Select(Unmapped).Where(address => wanted is null || address.AddressFamily == wanted).ToArray();
            return fitting.Length > 0
                ? fitting
                : throw new LinkException(LinkError.NoSuchPeer, $"The host of {endpoint} has no address{(wanted is null ? "" : $" of {wanted}")}.");
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            throw new LinkException(LinkError.NoSuchPeer, $"The host of {endpoint} is not known: {exception.Message}.", innerException: exception);
        }
    }

    /// <summary>Refuses to listen where strangers could listen in.</summary>
    /// <exception cref="LinkException">The address is open to the network, and that is not allowed (<see cref="LinkError.Untrusted"/>).</exception>
    public static void ThrowIfInsecure(Endpoint endpoint, IPAddress address, EndpointOptions options)
    {
        if (endpoint.Kind != EndpointKind.Tls && !options.AllowInsecureNetwork && !IPAddress.IsLoopback(address))
        {
            throw new LinkException(
                LinkError.Untrusted,
                $"{endpoint} would be open to the network, unencrypted and to anybody: use tls://, listen on loopback, or set AllowInsecureNetwork.");
        }
    }

    // Sockets here speak one family each; an IPv4 address in IPv6's clothes is IPv4.
    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}

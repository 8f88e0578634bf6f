using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>Where a node tells others that it listens: an address that they can reach, never one that stands for all.</summary>
internal static class AnnouncedAddress
{
    /// <summary>The address to tell.</summary>
    /// <param name="listening">Where the node listens; null when it does not, and then nobody can be reached at what is told.</param>
    /// <param name="local">This node's end of the connection over which it is told; null without one.</param>
    /// <param name="options">What the user wants to be told.</param>
    public static Endpoint Of(Endpoint? listening, IPEndPoint? local, MeshOptions options)
    {
        var host = options.AnnouncedHost ?? listening?.Address ?? Plain(local?.Address ?? IPAddress.Loopback).ToString();
        if (NodeAddress.IsAny(host))
        {
            host = Plain(local?.Address ?? OfThisMachine(host)).ToString();
        }

        return Endpoint.Network(options.Kind, host, options.AnnouncedPort ?? listening?.Port ?? local?.Port ?? 1);
    }

    private static IPAddress OfThisMachine(string any)
    {
        var family = IPAddress.Parse(any).AddressFamily;
        var addresses =
            from network in NetworkInterface.GetAllNetworkInterfaces()
            where network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback
            from address in network.GetIPProperties().UnicastAddresses
            where !address.Address.IsIPv6LinkLocal
            orderby address.Address.AddressFamily == AddressFamily.InterNetwork descending
            where family == AddressFamily.InterNetworkV6 || address.Address.AddressFamily == family
            select address.Address;
        return addresses.FirstOrDefault() ?? IPAddress.Loopback;
    }

    /// <summary>As an address is written: what comes in over an IPv6 socket may be an IPv4 address, and the number of a network interface means nothing elsewhere.</summary>
    public static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes());
}

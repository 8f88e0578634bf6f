using System.Net;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>The addresses that nodes tell each other: <c>tcp://host:port</c>, or <c>tls://host:port</c> (SPEC.md, "masterless: packets").</summary>
internal static class NodeAddress
{
    // Of a name that a name service knows.
    private const int LongestHost = 253;

    /// <summary>Reads an address that the user gave.</summary>
    /// <param name="text">Such as <c>tcp://127.0.0.1:2435</c>.</param>
    /// <param name="kind">What this node speaks.</param>
    /// <exception cref="ArgumentException">It is none, has no port, or is of the other kind.</exception>
    public static Endpoint Parse(string text, EndpointKind kind)
    {
        var endpoint = Endpoint.Parse(text);
        if (endpoint.Kind is not (EndpointKind.Tcp or EndpointKind.Tls) || endpoint.Port == 0)
        {
            throw new ArgumentException($"'{text}' is no address of a node: it must look like tcp://127.0.0.1:2435.", nameof(text));
        }

        return endpoint.Kind == kind
            ? endpoint
            : throw new ArgumentException(kind == EndpointKind.Tls ? $"'{text}' is without TLS, which this node requires." : $"'{text}' needs TLS, for which the options have nothing.", nameof(text));
    }

    /// <summary>Reads an address that a peer announced; null when nobody can be reached there.</summary>
    /// <param name="text">What it announced, or null.</param>
    /// <param name="kind">What this node speaks, whatever the scheme says.</param>
    /// <param name="peer">The peer's end of the connection: stands in for an address that is none, such as <c>[::]</c>.</param>
    public static Endpoint? Announced(string? text, EndpointKind kind, string peer)
    {
        // As the original: any scheme does, if a port is written; one that goes without saying is none.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Port <= 0 || uri.Host.Length == 0 ||
            (uri.IsDefaultPort && !text.Contains($":{uri.Port}", StringComparison.Ordinal)))
        {
            return null;
        }

        try
        {
            if (uri.Host.Length > LongestHost)
            {
                return null;
            }

            var announced = Endpoint.Network(kind, uri.Host, uri.Port);
            return IsAny(announced.Address) ? Endpoint.Network(kind, Endpoint.Parse(peer).Address, uri.Port) : announced;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether an address stands for all of a machine.</summary>
    public static bool IsAny(string host) => IPAddress.TryParse(host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
}

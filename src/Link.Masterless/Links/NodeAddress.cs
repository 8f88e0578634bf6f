using System.Net;
using Link.Logging;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>The addresses that nodes tell each other: <c>tcp://host:port</c>, or <c>tls://host:port</c> (SPEC.md, "masterless: packets").</summary>
internal static class NodeAddress
{
    // Of a name that a name service knows.
    private const int LongestHost = 253;

    /// <summary>Reads an address that the user gave.</summary>
    /// <param name="address">Such as <c>tcp://127.0.0.1:2435</c>; a slash behind it means nothing.</param>
    /// <param name="kind">What this node speaks.</param>
    /// <exception cref="ArgumentException">It is none, has no port, or is of the other kind.</exception>
    public static Endpoint Parse(string address, EndpointKind kind) =>
        Read(address, kind, out var wrong) ?? throw new ArgumentException(wrong, nameof(address));

    /// <summary>Reads the address that <see cref="MeshOptions.Peers"/> give for a name.</summary>
    /// <exception cref="ArgumentException">As for any address; the message names the peer.</exception>
    public static Endpoint OfPeer(string name, string address, EndpointKind kind) =>
        Read(address, kind, out var wrong) ?? throw new ArgumentException($"In {nameof(MeshOptions.Peers)}, for {Shown.Text(name)}: {wrong}", nameof(address));

    private static Endpoint? Read(string? address, EndpointKind kind, out string wrong)
    {
        try
        {
            var endpoint = Endpoint.Parse(address is [.. var before, '/'] && before.Contains("://", StringComparison.Ordinal) ? before : address ?? "");
            if (endpoint is { Kind: EndpointKind.Tcp or EndpointKind.Tls, Port: not 0 })
            {
                wrong = kind == EndpointKind.Tls ? $"'{address}' is without TLS, which this node requires." : $"'{address}' needs TLS, for which the options have nothing.";
                return endpoint.Kind == kind ? endpoint : null;
            }
        }
        catch (ArgumentException)
        {
            // What it is instead is of no interest: a node takes less than every endpoint there is.
        }

        wrong = $"'{address}' is no address of a node, which is tcp://host:port or tls://host:port, with a port of 1 to 65535 and an IPv6 address in brackets.";
        return null;
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

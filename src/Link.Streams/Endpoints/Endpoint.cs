using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Link.Streams.Endpoints;

/// <summary>
/// Where a peer is: <c>unix:/tmp/app.world</c>, <c>pipe:tmp-app.world</c>, <c>tcp://host:port</c>, <c>tls://host:port</c>,
/// <c>udp4://host:port</c>, <c>udp6://[::1]:port</c>. Immutable.
/// </summary>
public sealed record Endpoint
{
    private const string PipePrefix = @"\\.\pipe\";

    private Endpoint(EndpointKind kind, string address, int port)
    {
        Kind = kind;
        Address = address;
        Port = port;
    }

    /// <summary>How the bytes travel.</summary>
    public EndpointKind Kind { get; }

    /// <summary>The path of a Unix socket, the name of a pipe without its prefix, or a host name or IP address without brackets.</summary>
    public string Address { get; }

    /// <summary>The port, 0 to 65,535; 0 asks the operating system for a free one, and is all that a socket file and a pipe have.</summary>
    public int Port { get; }

    /// <summary>True for UDP: there are datagrams, no stream.</summary>
    public bool IsDatagram => Kind is EndpointKind.Udp4 or EndpointKind.Udp6;

    /// <summary>True for TCP, TLS and UDP: the address is a host, not a file.</summary>
    public bool IsNetwork => Kind is not (EndpointKind.Unix or EndpointKind.Pipe);

    /// <summary>A Unix socket.</summary>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static Endpoint Unix(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new Endpoint(EndpointKind.Unix, path, 0);
    }

    /// <summary>A named pipe.</summary>
    /// <param name="name">The name, with or without <c>\\.\pipe\</c> before it.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static Endpoint Pipe(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var bare = name.StartsWith(PipePrefix, StringComparison.Ordinal) ? name[PipePrefix.Length..] : name;
        ArgumentException.ThrowIfNullOrEmpty(bare, nameof(name));
        return new Endpoint(EndpointKind.Pipe, bare, 0);
    }

    /// <summary>A host and a port.</summary>
    /// <param name="kind">TCP, TLS or UDP.</param>
    /// <param name="host">A host name or IP address; an IPv6 address may stand in brackets.</param>
    /// <param name="port">0 to 65,535.</param>
    /// <exception cref="ArgumentException">A part is outside its range.</exception>
    public static Endpoint Network(EndpointKind kind, string host, int port)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        if (kind is EndpointKind.Unix or EndpointKind.Pipe)
        {
            throw new ArgumentException($"{kind} has no host.", nameof(kind));
        }

        var bare = host is ['[', .. var inner, ']'] && inner.Contains(':', StringComparison.Ordinal) ? inner : host;
        if (bare[0] == '[' || Uri.CheckHostName(bare) == UriHostNameType.Unknown)
        {
            throw new ArgumentException($"'{host}' is neither a host name nor an IP address.", nameof(host));
        }

        ThrowIfOtherFamily(kind, bare);
        return new Endpoint(kind, bare, port);
    }

    /// <summary>Reads the text that <see cref="ToString"/> writes.</summary>
    /// <exception cref="ArgumentException">The text is no endpoint; the message says why.</exception>
    public static Endpoint Parse(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        try
        {
            return text.Split(':', 2) switch
            {
                ["unix", var path] => Unix(path),
                ["pipe", var name] => Pipe(name),
                [var scheme, ['/', '/', .. var authority]] => ParseNetwork(scheme, authority),
                _ => throw new ArgumentException("it must begin with unix:, pipe:, tcp://, tls://, udp4:// or udp6://"),
            };
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"'{text}' is no endpoint: {exception.Message}", nameof(text), exception);
        }
    }

    /// <summary>The same place with another port.</summary>
    public Endpoint WithPort(int port) => new(Kind, Address, port);

    /// <summary>The endpoint as text, such as <c>tcp://127.0.0.1:8000</c>.</summary>
    public override string ToString() => Kind switch
    {
        EndpointKind.Unix => $"unix:{Address}",
        EndpointKind.Pipe => $"pipe:{Address}",
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"{Kind.ToString().ToLowerInvariant()}://{(Address.Contains(':', StringComparison.Ordinal) ? $"[{Address}]" : Address)}:{Port}"),
    };

    private static Endpoint ParseNetwork(string scheme, string authority)
    {
        var kind = scheme switch
        {
            "tcp" => EndpointKind.Tcp,
            "tls" => EndpointKind.Tls,
            "udp4" => EndpointKind.Udp4,
            "udp6" => EndpointKind.Udp6,
            _ => throw new ArgumentException($"'{scheme}' is none of tcp, tls, udp4, udp6"),
        };
        var colon = authority.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            throw new ArgumentException($"it needs a host and a port of 0 to {ushort.MaxValue}, as in {scheme}://localhost:8000");
        }

        var host = authority[..colon];
        return host[0] != '[' && host.Contains(':', StringComparison.Ordinal)
            ? throw new ArgumentException($"an IPv6 address stands in brackets, as in {scheme}://[::1]:8000")
            : Network(kind, host, port);
    }

    private static void ThrowIfOtherFamily(EndpointKind kind, string host)
    {
        if (!IPAddress.TryParse(host, out var address))
        {
            return;
        }

        if ((kind, address.AddressFamily) is (EndpointKind.Udp4, not AddressFamily.InterNetwork) or (EndpointKind.Udp6, not AddressFamily.InterNetworkV6))
        {
            throw new ArgumentException($"{address} is no address for {kind}.", nameof(host));
        }
    }
}

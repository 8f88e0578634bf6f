namespace Link.Streams.Endpoints;

/// <summary>How the bytes travel.</summary>
public enum EndpointKind
{
    /// <summary>A Unix socket: <c>unix:/path</c>.</summary>
    Unix,

    /// <summary>A Windows named pipe: <c>pipe:name</c>.</summary>
    Pipe,

    /// <summary>TCP: <c>tcp://host:port</c>.</summary>
    Tcp,

    /// <summary>TLS over TCP: <c>tls://host:port</c>.</summary>
    Tls,

    /// <summary>UDP over IPv4: <c>udp4://host:port</c>.</summary>
    Udp4,

    /// <summary>UDP over IPv6: <c>udp6://host:port</c>.</summary>
    Udp6,
}

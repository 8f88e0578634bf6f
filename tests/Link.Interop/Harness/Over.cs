namespace Link.Interop.Harness;

/// <summary>How the peers of a test are connected.</summary>
public enum Over
{
    /// <summary>Socket files.</summary>
    Unix,

    /// <summary>TCP on loopback.</summary>
    Tcp,

    /// <summary>TLS in which the listening side alone shows a certificate.</summary>
    Tls,

    /// <summary>TLS in which both sides show one.</summary>
    MutualTls,

    /// <summary>UDP on the IPv4 loopback.</summary>
    Udp4,

    /// <summary>UDP on the IPv6 loopback.</summary>
    Udp6,
}

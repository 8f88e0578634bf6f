using System.Globalization;
using Link.NodeIpc;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Interop.Harness;

/// <summary>
/// Where the peers of one test are and what they show each other: socket files in a directory of their own, or free ports, and certificates
/// of an authority of their own. Both sides get the same table.
/// </summary>
internal sealed class Roads : IDisposable
{
    private readonly Over _over;
    private readonly SocketDirectory _directory = new();
    private readonly EndpointTable? _endpoints;
    private readonly TestCertificates? _certificates;
    private readonly (string CertificateFile, string KeyFile) _own;

    /// <summary>Lays them.</summary>
    public Roads(Over over)
    {
        _over = over;
        var scheme = over switch
        {
            Over.Tcp => "tcp://127.0.0.1",
            Over.Tls or Over.MutualTls => "tls://127.0.0.1",
            Over.Udp4 => "udp4://127.0.0.1",
            Over.Udp6 => "udp6://[::1]",
            _ => null,
        };
        if (scheme is not null)
        {
            _endpoints = new EndpointTable(_ => string.Create(CultureInfo.InvariantCulture, $"{scheme}:{FreePorts.Next()}"));
        }

        if (over is Over.Tls or Over.MutualTls)
        {
            _certificates = new TestCertificates();
            _own = _certificates.Issue("peer");
        }
    }

    /// <summary>The directory of the sockets.</summary>
    public string SocketRoot => _directory.Path;

    /// <summary>What the C# side shows and trusts; null without TLS.</summary>
    public TlsOptions? SharpTls => _certificates is null ? null : new TlsOptions
    {
        CertificateFile = _own.CertificateFile,
        KeyFile = _own.KeyFile,
        TrustedFiles = [_certificates.AuthorityFile],
        RequireClientCertificate = _over == Over.MutualTls,
    };

    /// <summary>The options of the C# side's transport.</summary>
    /// <param name="adjust">Changes what it shows and trusts.</param>
    public NodeIpcOptions SharpOptions(Func<TlsOptions, TlsOptions>? adjust = null)
    {
        var tls = SharpTls is { } own && adjust is not null ? adjust(own) : SharpTls;
        var options = new NodeIpcOptions { SocketRoot = SocketRoot, Tls = tls };
        return _endpoints is null ? options : options with { Peers = _endpoints };
    }

    /// <summary>The endpoints of these names, as the Node side takes them; none for socket files.</summary>
    public Dictionary<string, string> EndpointsOf(params IEnumerable<string> names) =>
        _endpoints is null ? [] : names.Distinct().ToDictionary(name => name, name => _endpoints[name]);

    /// <summary>What Node shows and trusts: its member <c>config.tls</c>; false without TLS.</summary>
    public object NodeTls() => _certificates is null ? false : NodeTls(_own, _certificates.AuthorityFile);

    /// <summary>The same, showing no certificate: good for a client only.</summary>
    public object NodeTlsWithoutCertificate() => NodeTls(default, _certificates!.AuthorityFile);

    /// <summary>The same, showing a certificate of another authority.</summary>
    public object NodeTlsOf(TestCertificates stranger) => NodeTls(stranger.Issue("stranger"), _certificates!.AuthorityFile);

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificates?.Dispose();
        _directory.Dispose();
    }

    private Dictionary<string, object> NodeTls((string? CertificateFile, string? KeyFile) own, string authority)
    {
        var isMutual = _over == Over.MutualTls;
        var tls = new Dictionary<string, object> { ["trustedConnections"] = authority, ["requestCert"] = isMutual, ["rejectUnauthorized"] = true };
        if (own is { CertificateFile: { } certificate, KeyFile: { } key })
        {
            tls["public"] = certificate;
            tls["private"] = key;
        }

        return tls;
    }
}

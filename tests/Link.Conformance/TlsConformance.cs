using System.Globalization;
using Link.NodeIpc;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Conformance;

/// <summary>Lets ipc-link over mutual TLS join the suite.</summary>
public sealed class TlsUnderTest : EndpointUnderTest
{
    private readonly TestCertificates _certificates = new();
    private readonly TlsOptions _options;

    /// <summary>Issues the certificate that all transports of the test share.</summary>
    public TlsUnderTest()
    {
        var (certificate, key) = _certificates.Issue("conformance");
        _options = new TlsOptions
        {
            CertificateFile = certificate,
            KeyFile = key,
            TrustedFiles = [_certificates.AuthorityFile],
            RequireClientCertificate = true,
        };
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _certificates.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override string MakeEndpoint(string name) => string.Create(CultureInfo.InvariantCulture, $"tls://127.0.0.1:{FreePorts.Next()}");

    /// <inheritdoc/>
    protected override NodeIpcOptions Adjust(NodeIpcOptions options) => options with { Tls = _options };
}

public sealed class TlsBinding : BindingConformance<TlsUnderTest>;

public sealed class TlsDialling : DiallingConformance<TlsUnderTest>;

public sealed class TlsAccepting : AcceptingConformance<TlsUnderTest>;

public sealed class TlsWriting : WritingConformance<TlsUnderTest>;

public sealed class TlsReading : ReadingConformance<TlsUnderTest>;

public sealed class TlsEnding : EndingConformance<TlsUnderTest>;

public sealed class TlsEnvelopes : EnvelopeConformance<TlsUnderTest>;

public sealed class TlsDisposal : DisposalConformance<TlsUnderTest>;

public sealed class TlsLimits : LimitConformance<TlsUnderTest>;

public sealed class TlsTryReading : TryReadConformance<TlsUnderTest>;

using Link.Masterless;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Conformance;

/// <summary>Lets a mesh with mutual TLS join the suite.</summary>
public sealed class MeshTlsUnderTest : MeshUnderTest
{
    private readonly TestCertificates _certificates;

    /// <summary>Issues the certificate that all transports of the test share.</summary>
    public MeshTlsUnderTest()
        : this(new TestCertificates())
    {
    }

    private MeshTlsUnderTest(TestCertificates certificates)
        : base(new MeshOptions { Tls = Issue(certificates) }) => _certificates = certificates;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _certificates.Dispose();
        base.Dispose();
    }

    private static TlsOptions Issue(TestCertificates certificates)
    {
        var (certificate, key) = certificates.Issue("conformance");
        return new TlsOptions
        {
            CertificateFile = certificate,
            KeyFile = key,
            TrustedFiles = [certificates.AuthorityFile],
            RequireClientCertificate = true,
        };
    }
}

public sealed class MeshTlsBinding : BindingConformance<MeshTlsUnderTest>;

public sealed class MeshTlsDialling : DiallingConformance<MeshTlsUnderTest>;

public sealed class MeshTlsAccepting : AcceptingConformance<MeshTlsUnderTest>;

public sealed class MeshTlsWriting : WritingConformance<MeshTlsUnderTest>;

public sealed class MeshTlsReading : ReadingConformance<MeshTlsUnderTest>;

public sealed class MeshTlsEnding : EndingConformance<MeshTlsUnderTest>;

public sealed class MeshTlsEnvelopes : EnvelopeConformance<MeshTlsUnderTest>;

public sealed class MeshTlsDisposal : DisposalConformance<MeshTlsUnderTest>;

public sealed class MeshTlsLimits : LimitConformance<MeshTlsUnderTest>;

public sealed class MeshTlsTryReading : TryReadConformance<MeshTlsUnderTest>;

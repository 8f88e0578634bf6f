using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Link.Streams.Tls;

/// <summary>
/// Who this process is over TLS, and whom it trusts. Both sides check the other's certificate, its time and its use; the dialling side
/// also that it is for the host it dialled. TLS 1.2 and 1.3. Immutable. Files are read in each handshake: a renewed one needs no restart.
/// </summary>
public sealed record TlsOptions
{
    /// <summary>A PEM file with this process's certificate and, behind it, those between it and the root. Default null: none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A PEM file with the certificate's private key, unencrypted. Default null: it is in <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; init; }

    /// <summary>This process's certificate with its private key, instead of the files. Owned by the caller. Default null.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>PEM files with the certificates to trust. Default none: those that the operating system trusts.</summary>
    public IReadOnlyCollection<string> TrustedFiles { get; init; } = [];

    /// <summary>Certificates to trust, besides those of <see cref="TrustedFiles"/>. With any given, the operating system's do not count.</summary>
    public IReadOnlyCollection<X509Certificate2> TrustedCertificates { get; init; } = [];

    /// <summary>
    /// Whether a listener refuses clients without a certificate it trusts. Default false: it asks for none. With true, whom to trust must be
    /// named here, or decided by <see cref="Check"/>: the operating system's authorities certify anybody.
    /// </summary>
    public bool RequireClientCertificate { get; init; }

    /// <summary>The name that the certificate of a dialled peer must be for. Default null: the host that is dialled.</summary>
    public string? TargetHost { get; init; }

    /// <summary>
    /// Decides instead of the built-in check, knowing its result: return <see cref="TlsCheck.IsValid"/> and more to be stricter. Runs in
    /// each handshake, of those that dial and of those that listen (<c>Peer.IsDialled</c> of the check tells them apart), perhaps several at once; an exception refuses. Default null: the built-in check decides.
    /// </summary>
    public Func<TlsCheck, bool>? Check { get; init; }

    /// <summary>How long a handshake may take. Default 10 s; positive, at most 1 h.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    internal bool HasCertificate => Certificate is not null || CertificateFile is not null;

    // Of the text they were made of, so that copies of these options may share them.
    internal LastMade<SslStreamCertificateContext> LastOwn { get; } = new();

    internal LastMade<X509Certificate2Collection> LastTrusted { get; } = new();

    /// <summary>Checks every option, and reads every file.</summary>
    /// <exception cref="ArgumentException">An option is outside its range, or a file holds no certificate or key.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(TrustedFiles);
        ArgumentNullException.ThrowIfNull(TrustedCertificates);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandshakeTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(HandshakeTimeout, TimeSpan.FromHours(1));
        if (Certificate is not null && CertificateFile is not null)
        {
            throw new ArgumentException("Give the certificate or its file, not both.", nameof(Certificate));
        }

        if (KeyFile is not null && CertificateFile is null)
        {
            throw new ArgumentException("There is a file of a key, and none of its certificate.", nameof(KeyFile));
        }

        if (RequireClientCertificate && TrustedFiles.Count + TrustedCertificates.Count == 0 && Check is null)
        {
            throw new ArgumentException(
                "Client certificates are required, and every authority that the operating system knows would do: name those to trust, or decide by a check.",
                nameof(RequireClientCertificate));
        }

        if (Certificate is { HasPrivateKey: false })
        {
            throw new ArgumentException($"The certificate {Certificate.Subject} has no private key.", nameof(Certificate));
        }

        TlsCertificates.LoadOwn(this);
        TlsCertificates.LoadTrusted(this);
    }
}

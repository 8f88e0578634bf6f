using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Link.Testing;

/// <summary>A certificate authority of one test, in a directory that is deleted on disposal. It issues what a test needs, wrong ones included.</summary>
public sealed class TestCertificates : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private static int s_serial;

    private readonly SocketDirectory _directory = new();
    private readonly X509Certificate2 _authority;

    /// <summary>Makes a new authority.</summary>
    /// <param name="name">The name of the authority.</param>
    public TestCertificates(string name = "Test CA")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AuthorityFor(name, key);
        var now = TimeProvider.System.GetUtcNow();
        _authority = request.CreateSelfSigned(now.AddYears(-2), now.AddYears(1));
        AuthorityFile = Write("ca.pem", _authority.ExportCertificatePem());
    }

    /// <summary>The PEM file of the authority's certificate.</summary>
    public string AuthorityFile { get; }

    /// <summary>The authority's certificate.</summary>
    public X509Certificate2 Authority => _authority;

    /// <summary>Issues a certificate for a host and this machine's loopback addresses, good for servers and clients.</summary>
    /// <param name="subject">The common name, such as <c>world</c>.</param>
    /// <param name="hosts">Host names and addresses it is for; none for <c>localhost</c>, <c>127.0.0.1</c> and <c>::1</c>.</param>
    /// <param name="isExpired">Whether it ended yesterday.</param>
    /// <param name="isForServersOnly">Whether it is no good for clients.</param>
    /// <returns>The PEM files of the certificate and of its key.</returns>
    public (string CertificateFile, string KeyFile) Issue(
        string subject, string[]? hosts = null, bool isExpired = false, bool isForServersOnly = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = RequestFor(subject, key, hosts, isForServersOnly);
        using var certificate = Sign(request, _authority, isExpired);
        return WriteBoth(subject, key, certificate.ExportCertificatePem());
    }

    /// <summary>Issues a certificate by an authority that this one vouches for.</summary>
    /// <param name="subject">The common name.</param>
    /// <param name="issuerAddress">
    /// Null to put the certificate of the authority in between into the file; otherwise it is left out, and the certificate says that it can be had there.
    /// </param>
    /// <returns>The PEM files of the certificate and of its key.</returns>
    public (string CertificateFile, string KeyFile) IssueThroughAnother(string subject, string? issuerAddress = null)
    {
        using var between = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = Sign(AuthorityFor("Between", between), _authority, isExpired: false);
        using var issuer = issued.CopyWithPrivateKey(between);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = RequestFor(subject, key);
        if (issuerAddress is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerAddress]));
        }

        using var certificate = Sign(request, issuer, isExpired: false);
        var pem = certificate.ExportCertificatePem();
        return WriteBoth(subject, key, issuerAddress is null ? $"{pem}\n{issuer.ExportCertificatePem()}" : pem);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    private static CertificateRequest AuthorityFor(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private static CertificateRequest RequestFor(string subject, ECDsa key, string[]? hosts = null, bool isForServersOnly = false)
    {
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        OidCollection uses = isForServersOnly ? [new Oid(ServerUse)] : [new Oid(ServerUse), new Oid(ClientUse)];
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(uses, false));
        request.CertificateExtensions.Add(NamesOf(hosts ?? ["localhost", "127.0.0.1", "::1"]));
        return request;
    }

    private static X509Certificate2 Sign(CertificateRequest request, X509Certificate2 issuer, bool isExpired)
    {
        var now = TimeProvider.System.GetUtcNow();
        var serial = BitConverter.GetBytes(Interlocked.Increment(ref s_serial));
        return request.Create(issuer, now.AddMonths(-2), now.AddDays(isExpired ? -1 : 30), [1, .. serial]);
    }

    private (string CertificateFile, string KeyFile) WriteBoth(string subject, ECDsa key, string certificates)
    {
        var number = Interlocked.Increment(ref s_serial);
        return (Write($"{subject}-{number}.pem", certificates), Write($"{subject}-{number}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private static X509Extension NamesOf(string[] hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return names.Build();
    }

    private string Write(string name, string pem)
    {
        var path = _directory.File(name);
        File.WriteAllText(path, pem);
        return path;
    }
}

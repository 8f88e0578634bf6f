using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Link.Abstractions;

namespace Link.Streams.Tls;

/// <summary>Judges the peer's certificate in one handshake, and remembers why it was refused.</summary>
/// <param name="peer">Who is judged.</param>
/// <param name="options">Whom to trust.</param>
/// <param name="targetHost">The name its certificate must be for; null on the listening side.</param>
internal sealed class TlsVerdict(Peer peer, TlsOptions options, string? targetHost)
{
    /// <summary>Why the peer was refused; null when it was not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The subject of the certificate that was accepted.</summary>
    public string? Subject { get; private set; }

    /// <summary>The SHA-256 hash of the certificate that was accepted.</summary>
    public string? Hash { get; private set; }

    /// <summary>How the chain is to be built. Nothing is fetched: where from would be the peer's choice, and it could take any time.</summary>
    public static X509ChainPolicy PolicyOf(TlsOptions options)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        var trusted = TlsCertificates.LoadTrusted(options);
        if (trusted.Count > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(trusted);
        }

        return policy;
    }

    /// <summary>Called by the handshake.</summary>
    public bool Judge(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null && targetHost is null && !options.RequireClientCertificate && options.Check is null)
        {
            return true;
        }

        using var known = certificate is null ? null : new X509Certificate2(certificate);
        if (!IsAccepted(new TlsCheck(peer, known, chain, errors)))
        {
            Refusal ??= Explain(known, chain, errors);
            return false;
        }

        Subject = known?.Subject;
        Hash = known?.GetCertHashString(HashAlgorithmName.SHA256);
        return true;
    }

    private bool IsAccepted(TlsCheck check)
    {
        if (options.Check is null)
        {
            return check.IsValid;
        }

        try
        {
            if (options.Check(check))
            {
                return true;
            }

            Refusal = check.IsValid ? "the program's own check refused its certificate" : null;
            return false;
        }
        catch (Exception exception)
        {
            Refusal = $"the program's own check of its certificate failed: {exception.Message}";
            return false;
        }
    }

    private string Explain(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "it sent no certificate";
        }

        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return $"its certificate {certificate.Subject} is not for {targetHost}";
        }

        var own = chain?.ChainElements.FirstOrDefault()?.ChainElementStatus ?? [];
        return own.Any(status => status.Status == X509ChainStatusFlags.NotTimeValid)
            ? $"its certificate {certificate.Subject} is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u} only"
            : $"its certificate {certificate.Subject} is not trusted ({string.Join(", ", chain?.ChainStatus.Select(status => status.Status.ToString()) ?? [])})";
    }
}

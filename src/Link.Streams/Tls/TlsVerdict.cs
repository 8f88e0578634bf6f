using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Link.Abstractions;

namespace Link.Streams.Tls;

/// <summary>Judges the peer's certificate in one handshake, and remembers why it was refused.</summary>
internal sealed class TlsVerdict(Peer peer, TlsOptions options, bool isListener)
{
    /// <summary>Why the peer was refused; null when it was not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The subject of the certificate that was accepted.</summary>
    public string? Subject { get; private set; }

    /// <summary>The SHA-256 hash of the certificate that was accepted.</summary>
    public string? Hash { get; private set; }

    /// <summary>How the chain is to be built: null for the operating system's way.</summary>
    public static X509ChainPolicy? PolicyOf(TlsOptions options)
    {
        var trusted = TlsCertificates.LoadTrusted(options);
        if (trusted.Count == 0)
        {
            return null;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(trusted);
        return policy;
    }

    /// <summary>Called by the handshake.</summary>
    public bool Judge(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null && isListener && !options.RequireClientCertificate && options.Check is null)
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

    private static string Explain(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "it sent no certificate";
        }

        if (chain?.ChainStatus.FirstOrDefault(status => status.Status == X509ChainStatusFlags.NotTimeValid) is { Status: not X509ChainStatusFlags.NoError })
        {
            return $"its certificate {certificate.Subject} is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u} only";
        }

        return errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)
            ? $"its certificate {certificate.Subject} is not trusted ({string.Join(", ", chain?.ChainStatus.Select(status => status.Status.ToString()) ?? [])})"
            : $"its certificate {certificate.Subject} is for another name";
    }
}

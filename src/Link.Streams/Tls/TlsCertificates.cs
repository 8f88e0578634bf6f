using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Link.Streams.Tls;

/// <summary>Loads the certificates that <see cref="TlsOptions"/> name. Files are read anew each time, so that a renewed one is used.</summary>
internal static class TlsCertificates
{
    /// <summary>This process's certificate, with its key and what lies between it and the root; null when there is none.</summary>
    /// <exception cref="ArgumentException">A file does not hold what it should.</exception>
    public static SslStreamCertificateContext? LoadOwn(TlsOptions options)
    {
        if (options.Certificate is { } given)
        {
            return SslStreamCertificateContext.Create(given, additionalCertificates: null, offline: true);
        }

        return options.CertificateFile is { } file
            ? Read(file, () => SslStreamCertificateContext.Create(LoadWithKey(file, options.KeyFile), LoadAll(file), offline: true))
            : null;
    }

    /// <summary>What is trusted besides nothing; empty to trust what the operating system trusts.</summary>
    /// <exception cref="ArgumentException">A file does not hold what it should.</exception>
    public static X509Certificate2Collection LoadTrusted(TlsOptions options)
    {
        var trusted = new X509Certificate2Collection(options.TrustedCertificates.ToArray());
        foreach (var file in options.TrustedFiles)
        {
            trusted.AddRange(Read(file, () => LoadAll(file)));
        }

        return trusted;
    }

    private static X509Certificate2 LoadWithKey(string certificateFile, string? keyFile)
    {
        var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        // Windows takes no key for TLS that lives in memory alone.
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        }
    }

    private static X509Certificate2Collection LoadAll(string file)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("it holds no certificate in PEM form");
    }

    private static T Read<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ArgumentException($"The certificate file {file} cannot be used: {exception.Message}", exception);
        }
    }
}

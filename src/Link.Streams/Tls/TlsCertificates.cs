using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Link.Streams.Tls;

/// <summary>
/// Loads the certificates that <see cref="TlsOptions"/> name. Files are read anew each time, so that a renewed one is used; making
/// certificates of them costs about as much as a handshake, and is done again only when their text has changed.
/// </summary>
internal static class TlsCertificates
{
    /// <summary>This process's certificate, with its key and what lies between it and the root; null when there is none.</summary>
    /// <exception cref="ArgumentException">A file does not hold what it should.</exception>
    public static SslStreamCertificateContext? LoadOwn(TlsOptions options)
    {
        if (options.Certificate is { } given)
        {
            return options.LastOwn.Get(
                given.GetCertHashString(HashAlgorithmName.SHA256),
                () => SslStreamCertificateContext.Create(given, additionalCertificates: null, offline: true));
        }

        if (options.CertificateFile is not { } file)
        {
            return null;
        }

        var text = Read(file);
        var keyText = options.KeyFile is { } keyFile ? Read(keyFile) : text;
        var names = options.KeyFile is null ? $"certificate file {file}" : $"certificate file {file} with the key file {options.KeyFile}";
        return options.LastOwn.Get(text + keyText, () => Use(names, () => SslStreamCertificateContext.Create(WithKey(text, keyText), Parse(text), offline: true)));
    }

    /// <summary>What is trusted besides nothing; empty to trust what the operating system trusts. Not to be changed.</summary>
    /// <exception cref="ArgumentException">A file does not hold what it should.</exception>
    public static X509Certificate2Collection LoadTrusted(TlsOptions options)
    {
        var files = options.TrustedFiles.Select(file => (Name: file, Text: Read(file))).ToArray();
        var given = options.TrustedCertificates;
        var text = string.Concat(files.Select(file => file.Text).Concat(given.Select(certificate => certificate.GetCertHashString(HashAlgorithmName.SHA256))));
        return options.LastTrusted.Get(text, () =>
        {
            var trusted = new X509Certificate2Collection(given.ToArray());
            foreach (var file in files)
            {
                trusted.AddRange(Use($"certificate file {file.Name}", () => Parse(file.Text)));
            }

            return trusted;
        });
    }

    private static X509Certificate2 WithKey(string text, string keyText)
    {
        var certificate = X509Certificate2.CreateFromPem(text, keyText);
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

    private static X509Certificate2Collection Parse(string text)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(text);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("it holds no certificate in PEM form");
    }

    private static string Read(string file) => Use($"file {file}", () => File.ReadAllText(file));

    private static T Use<T>(string names, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new ArgumentException($"The {names} cannot be used: {exception.Message}", exception);
        }
    }
}

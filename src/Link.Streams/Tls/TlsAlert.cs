namespace Link.Streams.Tls;

/// <summary>
/// The alerts by which one side tells the other that it is not trusted. .NET on Linux judges a certificate when the handshake is over, and
/// then says nothing: the peer would see a connection that ends for no reason. So the refusing side sends the alert itself. It has no key to
/// encrypt it with; to the peer a record in plain text is an error, and as the very first record it can mean nothing else.
/// </summary>
internal static class TlsAlert
{
    // OpenSSL's error numbers: the library, 20 for TLS, above the reason; the reason for a received alert is 1,000 and the alert's number.
    private const int TlsLibrary = 20;
    private const int LibraryShift = 23;
    private const int ReasonMask = 0xfff;
    private const int BadRecordType = 443;
    private const int FirstAlert = 1000;

    /// <summary>A record with the fatal alert bad_certificate.</summary>
    public static readonly ReadOnlyMemory<byte> BadCertificate = new byte[] { 21, 3, 3, 0, 2, 2, 42 };

    /// <summary>
    /// Whether the peer refused this process's certificate, or the lack of one: no_certificate, bad_certificate and its kin, unknown_ca,
    /// access_denied, certificate_required (RFC 8446, section 6), or an alert in plain text.
    /// </summary>
    /// <param name="failure">What the handshake or the first read failed with.</param>
    public static bool IsRefusal(Exception failure) =>
        ReasonOf(failure) is BadRecordType or (>= FirstAlert + 41 and <= FirstAlert + 46) or FirstAlert + 48 or FirstAlert + 49 or FirstAlert + 116;

    // The library tells of alerts by number in its own exception, somewhere inside of those of .NET.
    private static int? ReasonOf(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause.HResult >> LibraryShift == TlsLibrary)
            {
                return cause.HResult & ReasonMask;
            }
        }

        return null;
    }
}

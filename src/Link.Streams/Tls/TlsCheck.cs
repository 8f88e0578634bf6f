using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Link.Abstractions;

namespace Link.Streams.Tls;

/// <summary>What a custom check of a certificate knows.</summary>
/// <param name="Peer">Who is at the other end.</param>
/// <param name="Certificate">The peer's certificate; null when it sent none. Disposed after the check.</param>
/// <param name="Chain">The chain that was built; null when there is no certificate.</param>
/// <param name="Errors">What the built-in check found.</param>
public sealed record TlsCheck(Peer Peer, X509Certificate2? Certificate, X509Chain? Chain, SslPolicyErrors Errors)
{
    /// <summary>Whether the built-in check found nothing wrong.</summary>
    public bool IsValid => Errors == SslPolicyErrors.None;
}

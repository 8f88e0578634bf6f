using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Link.Abstractions;

namespace Link.Streams.Tls;

/// <summary>Makes TLS of a connected stream, within a time. Thread-safe.</summary>
internal static class TlsHandshake
{
    // No session is resumed: each connection proves anew, by the certificates of today, who is at its ends.
    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>The dialling side.</summary>
    /// <param name="stream">A connected stream; disposed when this fails.</param>
    /// <param name="peer">Who was dialled.</param>
    /// <param name="host">The host that was dialled.</param>
    /// <param name="options">Whom to trust, and who this is.</param>
    /// <param name="time">The clock of the handshake.</param>
    /// <param name="cancellationToken">Ends the handshake.</param>
    /// <exception cref="LinkException">The peer is not trusted, does not trust this process, speaks no TLS, or took too long.</exception>
    public static Task<(Stream Stream, Peer Peer)> AsClientAsync(
        Stream stream, Peer peer, string host, TlsOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var target = options.TargetHost ?? host;
        var verdict = new TlsVerdict(peer, options, target);
        return RunAsync(stream, peer, verdict, options, time, (tls, token) => tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = target,
                EnabledSslProtocols = Protocols,
                ClientCertificateContext = TlsCertificates.LoadOwn(options),
                AllowRenegotiation = false,
                AllowTlsResume = false,
                CertificateChainPolicy = TlsVerdict.PolicyOf(options),
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) => verdict.Judge(certificate, chain, errors),
            },
            token), cancellationToken);
    }

    /// <summary>The listening side.</summary>
    public static Task<(Stream Stream, Peer Peer)> AsServerAsync(
        Stream stream, Peer peer, TlsOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var verdict = new TlsVerdict(peer, options, targetHost: null);
        return RunAsync(stream, peer, verdict, options, time, (tls, token) => tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = TlsCertificates.LoadOwn(options),
                AllowRenegotiation = false,
                AllowTlsResume = false,
                EnabledSslProtocols = Protocols,
                ClientCertificateRequired = options.RequireClientCertificate || options.Check is not null,
                CertificateChainPolicy = TlsVerdict.PolicyOf(options),
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) => verdict.Judge(certificate, chain, errors),
            },
            token), cancellationToken);
    }

    private static async Task<(Stream Stream, Peer Peer)> RunAsync(
        Stream stream,
        Peer peer,
        TlsVerdict verdict,
        TlsOptions options,
        TimeProvider time,
        Func<SslStream, CancellationToken, Task> authenticate,
        CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.HandshakeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var tls = new TlsStream(stream, peer, time);
        try
        {
            await authenticate(tls, either.Token).ConfigureAwait(false);
            return (tls, peer with { CertificateSubject = verdict.Subject, CertificateHash = verdict.Hash });
        }
        catch (Exception exception)
        {
            if (verdict.Refusal is not null)
            {
                await tls.RefuseAsync().ConfigureAwait(false);
            }

            tls.Dispose();
            throw Explain(exception, peer, verdict, options, deadline.IsCancellationRequested, cancellationToken);
        }
    }

    private static Exception Explain(
        Exception failure, Peer peer, TlsVerdict verdict, TlsOptions options, bool late, CancellationToken cancellationToken)
    {
        if (verdict.Refusal is { } refusal)
        {
            return Failed(LinkError.Untrusted, $"{peer} was refused: {refusal}.");
        }

        var reason = failure.GetBaseException().Message;
        return failure switch
        {
            OperationCanceledException when cancellationToken.IsCancellationRequested => new OperationCanceledException(cancellationToken),
            OperationCanceledException when late =>
                Failed(LinkError.Timeout, $"{peer} did not finish the TLS handshake within {options.HandshakeTimeout.TotalSeconds:0.###} s."),
            ArgumentException => Failed(LinkError.Untrusted, $"There was no TLS handshake with {peer}. {failure.Message}"),
            AuthenticationException when TlsAlert.IsRefusal(failure) => TlsStream.Refused(peer, failure),
            AuthenticationException => Failed(LinkError.ProtocolViolation, $"The TLS handshake with {peer} failed: {reason}"),
            _ => Failed(LinkError.ConnectionLost, $"{peer} ended the connection during the TLS handshake: {reason}"),
        };

        LinkException Failed(LinkError error, string message) => new(error, message, peer: peer, innerException: failure);
    }
}

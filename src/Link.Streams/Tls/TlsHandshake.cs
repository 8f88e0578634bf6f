using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Link.Abstractions;

namespace Link.Streams.Tls;

/// <summary>Makes TLS of a connected stream, within a time. Thread-safe.</summary>
internal static class TlsHandshake
{
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
        var verdict = new TlsVerdict(peer, options, isListener: false);
        return RunAsync(stream, peer, verdict, options, time, (tls, token) => tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = options.TargetHost ?? host,
                EnabledSslProtocols = Protocols,
                ClientCertificateContext = TlsCertificates.LoadOwn(options),
                CertificateChainPolicy = TlsVerdict.PolicyOf(options),
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) => verdict.Judge(certificate, chain, errors),
            },
            token), cancellationToken);
    }

    /// <summary>The listening side.</summary>
    public static Task<(Stream Stream, Peer Peer)> AsServerAsync(
        Stream stream, Peer peer, SslStreamCertificateContext own, TlsOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var verdict = new TlsVerdict(peer, options, isListener: true);
        return RunAsync(stream, peer, verdict, options, time, (tls, token) => tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = own,
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
        var tls = new TlsStream(stream, peer);
        try
        {
            await authenticate(tls, either.Token).ConfigureAwait(false);
            return (tls, peer with { CertificateSubject = verdict.Subject, CertificateHash = verdict.Hash });
        }
        catch (Exception exception)
        {
            // At once and without a polite end: nothing has been agreed on.
            tls.Dispose();
            throw Explain(exception, peer, verdict, options, deadline.IsCancellationRequested, cancellationToken);
        }
    }

    private static Exception Explain(
        Exception failure, Peer peer, TlsVerdict verdict, TlsOptions options, bool late, CancellationToken cancellationToken)
    {
        if (verdict.Refusal is { } refusal)
        {
            return new LinkException(LinkError.Untrusted, $"{peer} was refused: {refusal}.", peer: peer, innerException: failure);
        }

        return failure switch
        {
            OperationCanceledException when cancellationToken.IsCancellationRequested => new OperationCanceledException(cancellationToken),
            OperationCanceledException when late => new LinkException(
                LinkError.Timeout,
                $"{peer} did not finish the TLS handshake within {options.HandshakeTimeout.TotalSeconds:0.###} s.",
                peer: peer,
                innerException: failure),
            AuthenticationException when TlsStream.IsRefusal(failure) => TlsStream.Refused(peer, failure),
            AuthenticationException => new LinkException(
                LinkError.ProtocolViolation, $"The TLS handshake with {peer} failed: {Innermost(failure)}", peer: peer, innerException: failure),
            IOException => new LinkException(
                LinkError.ConnectionLost, $"{peer} ended the connection during the TLS handshake: {Innermost(failure)}", peer: peer, innerException: failure),
            _ => failure,
        };
    }

    private static string Innermost(Exception failure) => failure.GetBaseException().Message;
}

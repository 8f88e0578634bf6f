using System.Net.Security;
using System.Security.Authentication;
using Link.Abstractions;

namespace Link.Streams.Tls;

/// <summary>
/// A TLS stream that says goodbye when it is closed politely, and that tells a peer's refusal from a loss: with TLS 1.3 a dialler learns
/// only from its first read that the listener did not like its certificate.
/// </summary>
internal sealed class TlsStream(Stream inner, Peer peer) : SslStream(inner, leaveInnerStreamOpen: false)
{
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1);

    private bool _isConfirmed;

    /// <summary>Whether the peer refused this process, by an alert of TLS.</summary>
    public static bool IsRefusal(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            // The library that speaks TLS tells of alerts in words only.
            if (cause.Message.Contains("alert", StringComparison.OrdinalIgnoreCase) && cause.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            if (cause.Message.Contains("alert unknown ca", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The failure that a refusal is to the caller.</summary>
    public static LinkException Refused(Peer peer, Exception failure) => new(
        LinkError.Untrusted,
        $"{peer} refused this process's certificate, or the lack of one: {failure.GetBaseException().Message}",
        peer: peer,
        innerException: failure);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isConfirmed ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            await ShutdownAsync().WaitAsync(GoodbyeTime).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or TimeoutException or AuthenticationException)
        {
            // Broken, not yet established, a write under way, or a peer that does not read: no goodbye.
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            var count = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _isConfirmed = count > 0;
            return count;
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException && IsRefusal(exception))
        {
            throw Refused(peer, exception);
        }
    }
}

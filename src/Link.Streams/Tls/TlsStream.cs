using System.Net.Security;
using System.Security.Authentication;
using Link.Abstractions;

namespace Link.Streams.Tls;

/// <summary>
/// A TLS stream that says goodbye when it is closed politely, and that tells a peer's refusal from a loss: with TLS 1.3 a dialler learns
/// only from its first read that the listener did not like its certificate.
/// </summary>
internal sealed class TlsStream(Stream inner, Peer peer, TimeProvider time) : SslStream(inner, leaveInnerStreamOpen: false)
{
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1);

    // Ends with the first bytes, with the peer's refusal, or with null when the connection ends otherwise.
    private readonly TaskCompletionSource<LinkException?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The failure that a refusal is to the caller.</summary>
    public static LinkException Refused(Peer peer, Exception failure) => new(
        LinkError.Untrusted,
        $"{peer} refused this process's certificate, or the lack of one: {failure.GetBaseException().Message}",
        peer: peer,
        innerException: failure);

    /// <summary>Tells the peer that it is refused, and closes.</summary>
    public async Task RefuseAsync()
    {
        try
        {
            await Watched(InnerStream.WriteAsync(TlsAlert.BadCertificate).AsTask()).WaitAsync(GoodbyeTime, time).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or TimeoutException)
        {
            // It has gone, or does not read: it has nothing to be told.
        }

        // Politely: there may be more of the peer's to read, and a reset would destroy the alert.
        await InnerStream.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _answer.Task.IsCompleted ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _answer.Task.IsCompleted ? base.WriteAsync(buffer, cancellationToken) : WriteFirstAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            await Watched(ShutdownAsync()).WaitAsync(GoodbyeTime, time).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Broken, not yet established, a write under way, or a peer that does not read: no goodbye.
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A task whose failure nobody may be left to see, when it comes after its time.</summary>
    private static Task Watched(Task task)
    {
        _ = task.ContinueWith(
            static ended => _ = ended.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return task;
    }

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            var count = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (!buffer.IsEmpty)
            {
                _answer.TrySetResult(null);
            }

            return count;
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            var refusal = TlsAlert.IsRefusal(exception) ? Refused(peer, exception) : null;
            _answer.TrySetResult(refusal);
            if (refusal is not null)
            {
                throw refusal;
            }

            throw;
        }
    }

    private async ValueTask WriteFirstAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await base.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            // Who refuses also closes: its reason may be on the way to the reader, although there is nobody to write to any more.
            throw await RefusalAsync().ConfigureAwait(false) ?? (Exception)exception;
        }
    }

    private async Task<LinkException?> RefusalAsync()
    {
        try
        {
            return await _answer.Task.WaitAsync(GoodbyeTime, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}

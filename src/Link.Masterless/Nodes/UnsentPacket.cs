using Link.Abstractions;

namespace Link.Masterless;

/// <summary>A packet that waits to be sent.</summary>
/// <param name="wire">What goes on the wire, without what delimits it.</param>
internal sealed class UnsentPacket(byte[] wire)
{
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What goes on the wire, without what delimits it.</summary>
    public byte[] Wire { get; } = wire;

    /// <summary>It is handed over.</summary>
    public void Succeed() => _sent.TrySetResult();

    /// <summary>It is not sent; whoever waited for it may be gone.</summary>
    public void Fail(LinkException cause)
    {
        _sent.TrySetException(cause);
        _ = _sent.Task.Exception;
    }

    /// <summary>Waits until it is handed over.</summary>
    /// <param name="longest">How long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="withdraw">Sees to it that it is not sent any more; false when it is too late for that.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LinkException">It was not sent.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it was not sent.</exception>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, Func<bool> withdraw, CancellationToken cancellationToken)
    {
        try
        {
            await _sent.Task.WaitAsync(longest, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (withdraw())
        {
            throw new LinkException(LinkError.Timeout, $"The packet was not sent: there was no connection within {longest.TotalSeconds:0.###} s.");
        }
        catch (Exception exception) when (exception is TimeoutException || (exception is OperationCanceledException && !withdraw()))
        {
            await _sent.Task.ConfigureAwait(false);
        }
    }
}

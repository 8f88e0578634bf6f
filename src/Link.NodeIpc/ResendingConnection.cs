using System.Runtime.CompilerServices;
using Link.Abstractions;

namespace Link.NodeIpc;

/// <summary>
/// A dialled connection over datagrams that writes each request again while no reply to it has been read. The first write alone decides
/// what the caller is told; that a later one fails is one more loss.
/// </summary>
internal sealed class ResendingConnection : IConnection
{
    private readonly IConnection _inner;
    private readonly UnansweredRequests _unanswered;

    /// <param name="inner">What carries the envelopes; owned.</param>
    /// <param name="options">How often and how much; validated by the caller.</param>
    /// <param name="time">The clock.</param>
    public ResendingConnection(IConnection inner, ResendOptions options, TimeProvider time)
    {
        _inner = inner;
        _unanswered = new UnansweredRequests(options, time, inner);
    }

    /// <inheritdoc/>
    public Peer Peer => _inner.Peer;

    /// <inheritdoc/>
    public EnvelopeFlow Flow => _inner.Flow;

    /// <inheritdoc/>
    public bool TryRead(out Envelope envelope)
    {
        if (!_inner.TryRead(out envelope))
        {
            return false;
        }

        _unanswered.Remove(envelope.Id);
        return true;
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Envelope?> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (await _inner.ReadAsync(cancellationToken).ConfigureAwait(false) is { } envelope)
            {
                _unanswered.Remove(envelope.Id);
                return envelope;
            }
        }
        catch (LinkException)
        {
            _unanswered.Dispose();
            throw;
        }

        _unanswered.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Envelope envelope, bool more = false, CancellationToken cancellationToken = default)
    {
        // First the copy: the reply may be read before the write returns.
        try
        {
            if (cancellationToken.IsCancellationRequested || !_unanswered.TryAdd(envelope))
            {
                return _inner.WriteAsync(envelope, more, cancellationToken);
            }
        }
        catch (LinkException exception)
        {
            return ValueTask.FromException(exception);
        }

        var write = _inner.WriteAsync(envelope, more, cancellationToken);
        if (!write.IsCompletedSuccessfully)
        {
            _unanswered.Remove(envelope.Id);
        }

        return write;
    }

    /// <inheritdoc/>
    public void Flush() => _inner.Flush();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _unanswered.Dispose();
        return _inner.DisposeAsync();
    }
}

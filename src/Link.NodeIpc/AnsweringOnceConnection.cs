using System.Runtime.CompilerServices;
using Link.Abstractions;

namespace Link.NodeIpc;

/// <summary>
/// An accepted connection over datagrams that yields each request once, however often it comes: a repeated one is passed over while its
/// handler runs, and gets the reply that was given before afterwards.
/// </summary>
internal sealed class AnsweringOnceConnection : IConnection
{
    private const int RoundsPerTurn = 16;

    private readonly IConnection _inner;
    private readonly RememberedReplies _remembered;

    /// <param name="inner">What carries the envelopes; owned.</param>
    /// <param name="forgo">Told of each request that is passed over and gets no reply.</param>
    /// <param name="options">How much is remembered for how long; validated by the caller.</param>
    /// <param name="time">The clock.</param>
    public AnsweringOnceConnection(IConnection inner, Action forgo, ResendOptions options, TimeProvider time)
    {
        _inner = inner;
        _remembered = new RememberedReplies(options, time, inner, forgo);
    }

    /// <inheritdoc/>
    public Peer Peer => _inner.Peer;

    /// <inheritdoc/>
    public EnvelopeFlow Flow => _inner.Flow;

    /// <inheritdoc/>
    public bool TryRead(out Envelope envelope)
    {
        for (var round = 0; round < RoundsPerTurn && _inner.TryRead(out envelope); round++)
        {
            if (_remembered.IsNew(envelope))
            {
                return true;
            }
        }

        envelope = default;
        return false;
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Envelope?> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            for (var round = 1; await _inner.ReadAsync(cancellationToken).ConfigureAwait(false) is { } envelope; round++)
            {
                if (_remembered.IsNew(envelope))
                {
                    return envelope;
                }

                if (round % RoundsPerTurn == 0)
                {
                    // A peer that floods with what is passed over must not keep the thread from everybody else.
                    await Task.Yield();
                }
            }
        }
        catch (LinkException)
        {
            _remembered.Dispose();
            throw;
        }

        _remembered.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Envelope envelope, bool more = false, CancellationToken cancellationToken = default)
    {
        // First the copy: who gets the reply may repeat the request before the write returns.
        var kept = _remembered.TryKeep(envelope);
        var write = _inner.WriteAsync(envelope, more, cancellationToken);
        if (!kept || write.IsCompletedSuccessfully)
        {
            return write;
        }

        if (IsOverloaded(write))
        {
            // What is remembered goes when it is asked for again.
            return ValueTask.CompletedTask;
        }

        _remembered.Retract(envelope.Id);
        return write;
    }

    private static bool IsOverloaded(ValueTask write) =>
        write.IsFaulted && write.AsTask().Exception?.InnerException is LinkException { Error: LinkError.Overloaded };

    /// <inheritdoc/>
    public void Flush() => _inner.Flush();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _remembered.Dispose();
        return _inner.DisposeAsync();
    }
}

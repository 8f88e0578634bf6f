using System.Threading.Channels;
using Link.Abstractions;

namespace Link.Flic;

/// <summary>What came for one conversation and has not been read. Bounded; one reader, any number of others.</summary>
/// <param name="maxBytes">How many bytes may wait, with the frames they came in; one envelope always may.</param>
/// <param name="maxCount">How many envelopes may wait.</param>
internal sealed class Inbox(int maxBytes, int maxCount)
{
    // Bounded by the counts below.
    private readonly Channel<Envelope> _channel = Channel.CreateUnbounded<Envelope>();
    private readonly Lock _gate = new();
    private LinkException? _failure;
    private long _bytes;
    private int _count;
    private bool _ended;
    private bool _abandoned;

    /// <summary>Appends an envelope; false when there is no room, or no reader any more.</summary>
    public bool TryAdd(in Envelope envelope)
    {
        var length = SizeOf(envelope);
        lock (_gate)
        {
            if (_ended || _count >= maxCount || (_count > 0 && _bytes + length > maxBytes))
            {
                return false;
            }

            _count++;
            _bytes += length;
            return _channel.Writer.TryWrite(envelope);
        }
    }

    /// <summary>The next envelope, if there is one.</summary>
    public bool TryRead(out Envelope envelope)
    {
        lock (_gate)
        {
            // Not beside the dropping below: what is read until then must have no gaps.
            if (_abandoned || !_channel.Reader.TryRead(out envelope))
            {
                envelope = default;
                return false;
            }

            _count--;
            _bytes -= SizeOf(envelope);
            return true;
        }
    }

    /// <summary>The next envelope; null at the end.</summary>
    /// <exception cref="LinkException">What it was ended with.</exception>
    public async ValueTask<Envelope?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await _channel.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (TryRead(out var envelope))
            {
                return envelope;
            }
        }

        lock (_gate)
        {
            return _failure is { } failure && !_abandoned ? throw failure.For(failure.Fate) : null;
        }
    }

    /// <summary>What an envelope keeps in memory: the whole frame that its payload and its id are parts of.</summary>
    private static long SizeOf(in Envelope envelope) => Math.Max(Retained.Bytes(envelope.Payload.Utf8), Retained.Bytes(envelope.Id.Json));

    /// <summary>Takes nothing more; what waits can still be read. The first call decides how it ends.</summary>
    public void End(LinkException? failure)
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _ended = true;
                _failure = failure;
                _channel.Writer.TryComplete();
            }
        }
    }

    /// <summary>Takes nothing more, and drops what waits.</summary>
    public void Abandon()
    {
        End(null);
        lock (_gate)
        {
            _abandoned = true;
            while (_channel.Reader.TryRead(out _))
            {
            }
        }
    }
}

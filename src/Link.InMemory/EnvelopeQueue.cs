using System.Threading.Channels;
using Link.Abstractions;

namespace Link.InMemory;

/// <summary>One direction of a connection: a bounded queue of envelopes. One reader at a time, any number of writers.</summary>
internal sealed class EnvelopeQueue(InMemoryOptions writerOptions)
{
    private readonly Lock _gate = new();
    private readonly Channel<Envelope> _channel = Channel.CreateBounded<Envelope>(writerOptions.BacklogEnvelopes);
    private long _waitingBytes;
    private bool _closed;
    private bool _abandoned;

    /// <summary>Appends a copy of the envelope, whole or not at all.</summary>
    public void Write(Envelope envelope, Peer reader)
    {
        var length = envelope.Payload.Utf8.Length;
        if (length > writerOptions.MaxFrameBytes)
        {
            throw new LinkException(
                LinkError.TooLarge, $"The message to {reader} has {length} bytes, the limit is {writerOptions.MaxFrameBytes}.", peer: reader);
        }

        var copy = Copy(envelope);
        lock (_gate)
        {
            if (_closed)
            {
                throw new LinkException(LinkError.ConnectionLost, $"The connection to {reader} is closed.", peer: reader);
            }

            // Counted before it is queued, because the reader may take it out at once.
            if (Interlocked.Add(ref _waitingBytes, length) > writerOptions.BacklogBytes || !_channel.Writer.TryWrite(copy))
            {
                Interlocked.Add(ref _waitingBytes, -length);
                throw new LinkException(LinkError.Overloaded, $"{reader} does not read: the backlog is full.", peer: reader);
            }
        }
    }

    /// <summary>The next envelope; null when the queue is closed and empty.</summary>
    public async ValueTask<Envelope?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await _channel.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (TryRead(out var envelope))
            {
                return envelope;
            }
        }

        return null;
    }

    /// <summary>The next envelope, if there is one already.</summary>
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
        }

        Interlocked.Add(ref _waitingBytes, -envelope.Payload.Utf8.Length);
        return true;
    }

    /// <summary>Refuses further writes; what was written can still be read.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _channel.Writer.TryComplete();
        }
    }

    /// <summary>Refuses further writes and drops what was not read.</summary>
    public void Abandon()
    {
        Close();
        lock (_gate)
        {
            _abandoned = true;
            while (_channel.Reader.TryRead(out _))
            {
            }
        }
    }

    private static Envelope Copy(Envelope envelope) => envelope with
    {
        Id = RequestId.FromJson(envelope.Id.Json.ToArray()),
        Payload = new Payload(envelope.Payload.Utf8.ToArray()),
    };
}

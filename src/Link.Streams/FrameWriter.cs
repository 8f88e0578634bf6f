using Link.Abstractions;
using Link.Abstractions.Buffers;

namespace Link.Streams;

/// <summary>Appends the content of one frame to a buffer. Runs under the writer's lock: short, without waiting.</summary>
/// <param name="output">Where to append.</param>
/// <param name="state">What to encode.</param>
public delegate void FrameEncoder<in TState>(PooledBuffer output, TState state);

/// <summary>
/// Joins the frames of many writers into few system calls: while one call is under way, further frames gather in the
/// backlog and go out together. Safe for concurrent use.
/// </summary>
internal sealed class FrameWriter(
    Stream stream, IFrameCodec codec, StreamLimits limits, TimeProvider time, Peer peer, int maxWriteBytes, Action<Exception> fail)
{
    // Enough to make a system call worth its price; waiting for more only delays the peer.
    private const int GatherBytes = 8 * 1024;

    // After so many rounds the thread that came to write one frame has done its share for the others.
    private const int RoundsPerTurn = 16;

    private readonly Lock _gate = new();
    private PooledBuffer _gathering = new();
    private PooledBuffer _sending = new();
    private TaskCompletionSource? _drained;
    private bool _flushing;
    private bool _closed;
    private LinkException? _cause;

    /// <summary>Who receives, for error texts.</summary>
    public Peer Peer { get; set; } = peer;

    /// <summary>Appends one frame, whole or not at all, and sees to it that it is sent.</summary>
    public void Write<TState>(TState state, FrameEncoder<TState> encode, bool more)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw Closed();
            }

            Append(state, encode);
            if (_flushing || (more && _gathering.Length < GatherBytes))
            {
                return;
            }

            _flushing = true;
        }

        _ = FlushAsync();
    }

    /// <summary>Sends what writes with <c>more</c> left behind.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_flushing || _closed || _gathering.Length == 0)
            {
                return;
            }

            _flushing = true;
        }

        _ = FlushAsync();
    }

    /// <summary>Refuses further writes; the task ends when what was accepted before has been sent or has failed.</summary>
    public Task CloseAsync()
    {
        var toFlush = false;
        Task drained;
        lock (_gate)
        {
            // In one step, so that no write gets in between and is left behind.
            _closed = true;
            if (!_flushing)
            {
                if (_gathering.Length == 0)
                {
                    return Task.CompletedTask;
                }

                _flushing = toFlush = true;
            }

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            drained = _drained.Task;
        }

        if (toFlush)
        {
            _ = FlushAsync();
        }

        return drained;
    }

    /// <summary>Refuses further writes at once, because the stream is gone; what is left of the backlog is lost.</summary>
    /// <param name="cause">Why, if it was a failure; the first given stays.</param>
    public void Abort(LinkException? cause)
    {
        lock (_gate)
        {
            _closed = true;
            _cause ??= cause;
            if (!_flushing)
            {
                _gathering.Release();
            }
        }
    }

    private void Append<TState>(TState state, FrameEncoder<TState> encode)
    {
        var start = _gathering.Length;
        try
        {
            encode(_gathering, state);
            codec.EndFrame(_gathering, start);
            var length = _gathering.Length - start;
            if (length > limits.MaxFrameBytes)
            {
                throw TooLarge(length);
            }

            if ((long)_gathering.Length + _sending.Length > limits.OutboundBacklogBytes)
            {
                throw new LinkException(
                    LinkError.Overloaded,
                    $"{Peer} does not read: {start + _sending.Length} bytes already wait to be sent, the limit is {limits.OutboundBacklogBytes}.",
                    peer: Peer);
            }
        }
        catch
        {
            _gathering.Truncate(start);
            if (start == 0)
            {
                // What was refused may have been large, and perhaps nothing is written for hours.
                _gathering.Release();
            }

            throw;
        }
    }

    /// <summary>What a write is told that comes too late: that this process is not trusted is more than a loss, and trying again does not help.</summary>
    private LinkException Closed() => _cause switch
    {
        null => new LinkException(LinkError.ConnectionLost, $"The connection to {Peer} is closed.", peer: Peer),
        { Error: LinkError.Untrusted } => _cause.For(RequestFate.NotSent),
        _ => new LinkException(LinkError.ConnectionLost, $"The connection to {Peer} is closed: {_cause.Message}", peer: Peer, innerException: _cause),
    };

    private LinkException TooLarge(int length) => new(
        LinkError.TooLarge,
        $"The message to {Peer} makes a frame of {length} bytes, the limit is {limits.MaxFrameBytes}.",
        peer: Peer);

    private async Task FlushAsync()
    {
        try
        {
            for (var round = 1; TakeGathered(); round++)
            {
                await SendAsync(_sending.WrittenMemory).ConfigureAwait(false);
                if (round % RoundsPerTurn == 0)
                {
                    await default(PoolTurn);
                }
            }
        }
        catch (Exception exception)
        {
            lock (_gate)
            {
                _closed = true;
                EndFlush();
            }

            fail(exception);
        }
    }

    private bool TakeGathered()
    {
        lock (_gate)
        {
            if (_gathering.Length == 0)
            {
                EndFlush();
                return false;
            }

            _sending.Truncate(0);
            (_gathering, _sending) = (_sending, _gathering);
            return true;
        }
    }

    private void EndFlush()
    {
        _gathering.Release();
        _sending.Release();
        _flushing = false;
        _drained?.TrySetResult();
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var slice = bytes[..Math.Min(bytes.Length, maxWriteBytes)];
            var write = stream.WriteAsync(slice, CancellationToken.None);
            if (!write.IsCompletedSuccessfully)
            {
                await WaitAsync(write.AsTask()).ConfigureAwait(false);
            }

            bytes = bytes[slice.Length..];
        }
    }

    private async Task WaitAsync(Task write)
    {
        try
        {
            await write.WaitAsync(limits.WriteTimeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The stream must be closed before the buffer goes back to the pool: the write still uses it.
            fail(new LinkException(
                LinkError.Overloaded,
                $"{Peer} has not read for {limits.WriteTimeout.TotalSeconds:0.###} s; the connection is closed.",
                RequestFate.Unknown,
                Peer));
            await write.ConfigureAwait(false);
        }
    }
}

using System.Buffers;
using Link.Abstractions;

namespace Link.Streams;

/// <summary>
/// Collects received bytes and cuts them into frames. Not safe for concurrent use. Small while it waits for the next frame, large
/// only while there is something in it.
/// </summary>
internal sealed class ReceiveBuffer(IFrameCodec codec, StreamLimits limits, Peer peer)
{
    // A waiting connection costs the idle buffer; small frames are still received in one system call.
    private const int IdleBufferBytes = 512;
    private const int BusyBufferBytes = 64 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _examined;
    private int _lastFrameBytes;
    private bool _busy;

    /// <summary>The longest frame that is taken from here on, with what delimits it.</summary>
    public int MaxFrameBytes { get; set; } = limits.MaxFrameBytes;

    /// <summary>Who sends, for error texts.</summary>
    public Peer Peer { get; set; } = peer;

    /// <summary>True when bytes of an unfinished frame are held.</summary>
    public bool HasPartialFrame => _end > _start;

    /// <summary>Takes the next whole frame that has already been received. Its memory is valid until the next call of any method.</summary>
    public bool TryRead(out ReadOnlyMemory<byte> frame)
    {
        var received = _buffer.AsSpan(_start, _end - _start);
        if (!codec.TryFindFrame(received, _examined, out var range, out var consumed))
        {
            _examined = received.Length;
            ThrowIfTooLarge(received.Length);
            frame = default;
            return false;
        }

        ThrowIfTooLarge(consumed);
        var (offset, length) = range.GetOffsetAndLength(received.Length);
        frame = _buffer.AsMemory(_start + offset, length);
        _start += consumed;
        _examined = 0;
        _lastFrameBytes = consumed;
        return true;
    }

    /// <summary>
    /// True when it is better to wait for bytes without a buffer first: a connection that was busy a moment ago may now rest for hours.
    /// </summary>
    public bool ShouldWaitEmpty => _busy && !HasPartialFrame;

    /// <summary>Where the next bytes are to be received.</summary>
    public Memory<byte> GetRoom()
    {
        MakeRoom();
        return _buffer.AsMemory(_end);
    }

    /// <summary>Takes in bytes that were received where <see cref="GetRoom"/> said.</summary>
    public void Advance(int count)
    {
        _busy = count >= IdleBufferBytes;
        _end += count;
    }

    /// <summary>At the end of the stream: completes an unfinished frame, where the end does that.</summary>
    public bool TryComplete()
    {
        var end = codec.ImpliedEnd;
        if (!HasPartialFrame || end.IsEmpty)
        {
            return false;
        }

        end.CopyTo(GetRoom());
        Advance(end.Length);
        return true;
    }

    /// <summary>Gives the buffer back. The caller makes sure that no read is under way.</summary>
    public void Release()
    {
        var buffer = _buffer;
        _buffer = [];
        _start = _end = _examined = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void MakeRoom()
    {
        var held = _end - _start;
        if (held == 0 && !_busy && _buffer.Length > IdleBufferBytes)
        {
            // The read before was small: what it left behind is too large to wait with.
            Release();
        }

        if (_buffer.Length - _end >= BusyBufferBytes / 2)
        {
            return;
        }

        var wanted = WantedBytes(held);
        if (wanted <= _buffer.Length)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(wanted);
            _buffer.AsSpan(_start, held).CopyTo(larger);
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        _start = 0;
        _end = held;
    }

    private int WantedBytes(int held)
    {
        if (held == 0 && !_busy)
        {
            return IdleBufferBytes;
        }

        // Frames of one connection resemble each other: expect another like the last, so that a large one is not copied as it grows.
        var expected = Math.Max(BusyBufferBytes, Math.Min(_lastFrameBytes + BusyBufferBytes, MaxFrameBytes));
        return held < expected / 2 ? expected : Math.Max(expected, (int)Math.Min(2L * held, MaxFrameBytes + (long)BusyBufferBytes));
    }

    private void ThrowIfTooLarge(int length)
    {
        if (length > MaxFrameBytes)
        {
            throw new LinkException(
                LinkError.TooLarge,
                $"{Peer} sent a frame larger than the limit of {MaxFrameBytes} bytes; the connection is closed.",
                peer: Peer);
        }
    }
}

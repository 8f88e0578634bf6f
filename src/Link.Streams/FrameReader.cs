using System.Buffers;
using System.Runtime.CompilerServices;
using Link.Abstractions;

namespace Link.Streams;

/// <summary>
/// Cuts the bytes of a stream into frames. One reader at a time. Holds a small buffer while it waits for the next frame,
/// a large one only while there is something in it.
/// </summary>
internal sealed class FrameReader(Stream stream, IFrameCodec codec, StreamLimits limits, Peer peer)
{
    // A waiting connection costs the idle buffer; small frames are still received in one system call.
    private const int IdleBufferBytes = 1024;
    private const int BusyBufferBytes = 64 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _examined;
    private int _lastFrameBytes;
    private bool _busy;

    /// <summary>True when bytes of an unfinished frame are held.</summary>
    public bool HasPartialFrame => _end > _start;

    /// <summary>Takes the next whole frame that has already been received. Its memory is valid until the next call of either method.</summary>
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

    /// <summary>Receives more bytes; false at the end of the stream.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (!HasPartialFrame)
        {
            Release();
            if (_busy)
            {
                // Wait without a buffer: a connection that was busy a moment ago may now rest for hours.
                await stream.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            }
        }

        MakeRoom();
        var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _busy = count > IdleBufferBytes / 2;
        _end += count;
        return count > 0;
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
        var expected = Math.Max(BusyBufferBytes, Math.Min(_lastFrameBytes + BusyBufferBytes, limits.MaxFrameBytes));
        return held < expected / 2 ? expected : Math.Max(expected, (int)Math.Min(2L * held, limits.MaxFrameBytes + (long)BusyBufferBytes));
    }

    private void ThrowIfTooLarge(int length)
    {
        if (length > limits.MaxFrameBytes)
        {
            throw new LinkException(
                LinkError.TooLarge,
                $"{peer} sent a frame larger than the limit of {limits.MaxFrameBytes} bytes; the connection is closed.",
                peer: peer);
        }
    }
}

using Link.Abstractions;
using Link.Streams;

namespace Link.Flic.Frames;

/// <summary>
/// Writes to an original, which reads at most 64 KiB at a time and loses what such a read cuts: one frame per write, paced by
/// <see cref="Pace"/> (SPEC.md, "flic: towards an original"). Until the other side turns out to be Link, everybody is an original.
/// </summary>
/// <param name="inner">The connection; owned.</param>
/// <param name="time">The clock of the pauses.</param>
internal sealed class PacedStream(Stream inner, TimeProvider time) : Stream
{
    /// <summary>The most to be written at once: at the pace of an original it must leave well within the write time.</summary>
    public const int MaxWriteBytes = 256 * 1024;

    // A timer that fires for every frame costs more than it evens out.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);

    // So long without anything taken, and the other side does not read.
    private static readonly TimeSpan LongestStandstill = TimeSpan.FromSeconds(1);

    // Never disposed: it has no timer and no handle, and a write may still look at it.
    private readonly CancellationTokenSource _closing = new();
    private readonly Pace _pace = new(time);
    private volatile bool _isPaced = true;
    private volatile int _unsent;
    private long _lastTaken = time.GetTimestamp();

    // The beginning of a frame whose end comes with the next write.
    private byte[] _begun = [];

    /// <summary>Whether the other side is an original. Set to false once.</summary>
    public bool IsPaced { get => _isPaced; set => _isPaced = value; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Whether the other side has taken something a moment ago: it reads, though others may write faster.</summary>
    public bool HasProgress => time.GetElapsedTime(Interlocked.Read(ref _lastTaken)) < LongestStandstill;

    /// <summary>Refuses what could not be sent at the pace of an original before disposal, or the write time, gave it up without a word.</summary>
    /// <param name="frameBytes">How many bytes the frame has.</param>
    /// <param name="waiting">How many bytes wait in front of this stream, with it.</param>
    /// <param name="limits">The bounds of the connection.</param>
    /// <param name="peer">Who is at the other end.</param>
    /// <exception cref="LinkException">There is too much (<see cref="LinkError.Overloaded"/>).</exception>
    public void ThrowIfBehind(int frameBytes, int waiting, StreamLimits limits, Peer peer)
    {
        var room = IsPaced ? Pace.RoomFor(frameBytes, limits.WriteTimeout) : int.MaxValue;
        if (waiting > room - _unsent)
        {
            throw new LinkException(
                LinkError.Overloaded,
                $"{peer} is an original of flic, which is written to slowly: no more than {room} bytes may wait for it with a frame of {frameBytes}.",
                peer: peer);
        }
    }

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Not supported: it would have to block for the pauses.</summary>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        IsPaced || _begun.Length > 0 ? WriteFramesAsync(buffer, cancellationToken) : WriteThroughAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _closing.Cancel();
        return inner.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _closing.Cancel();
            inner.Dispose();
        }
    }

    private ValueTask WriteThroughAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var write = inner.WriteAsync(bytes, cancellationToken);
        if (!write.IsCompletedSuccessfully)
        {
            return NoteAsync(write);
        }

        Interlocked.Exchange(ref _lastTaken, time.GetTimestamp());
        return ValueTask.CompletedTask;
    }

    private async ValueTask NoteAsync(ValueTask write)
    {
        await write.ConfigureAwait(false);
        Interlocked.Exchange(ref _lastTaken, time.GetTimestamp());
    }

    private async ValueTask WriteFramesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (TryTakeFrame(ref bytes, out var frame))
        {
            _unsent = frame.Length + bytes.Length;
            await PauseAsync(frame.Length, cancellationToken).ConfigureAwait(false);
            await inner.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
        }

        if (!bytes.IsEmpty)
        {
            _begun = [.. _begun, .. bytes.Span];
        }

        _unsent = _begun.Length;
    }

    private bool TryTakeFrame(ref ReadOnlyMemory<byte> bytes, out ReadOnlyMemory<byte> frame)
    {
        var end = bytes.Span.IndexOf((byte)0) + 1;
        frame = bytes[..end];
        if (end == 0)
        {
            return false;
        }

        if (_begun.Length > 0)
        {
            frame = (byte[])[.. _begun, .. frame.Span];
            _begun = [];
        }

        bytes = bytes[end..];
        return true;
    }

    private async ValueTask PauseAsync(int frameBytes, CancellationToken cancellationToken)
    {
        try
        {
            while (IsPaced && !_pace.TryTake(frameBytes, out var pause))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Delay(pause > ShortestPause ? pause : ShortestPause, time, _closing.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(PacedStream));
        }
    }
}

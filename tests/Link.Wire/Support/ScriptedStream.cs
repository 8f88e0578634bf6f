using System.Threading.Channels;

namespace Link.Wire.Support;

/// <summary>
/// The other side of a connection in memory: reads give exactly the pieces a test feeds, writes are recorded, and both can be held up.
/// As with a socket, closing ends what is under way, and a read without room waits until there is something to read.
/// </summary>
internal sealed class ScriptedStream : Stream
{
    private readonly Channel<byte[]> _input = Channel.CreateUnbounded<byte[]>();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<byte[]> _writes = [];
    private readonly List<int> _reads = [];
    private ReadOnlyMemory<byte> _piece;

    /// <summary>A stream that gives these pieces and then ends.</summary>
    public static ScriptedStream Of(IEnumerable<byte[]> pieces)
    {
        var stream = new ScriptedStream();
        foreach (var piece in pieces)
        {
            stream.Feed(piece);
        }

        stream.End();
        return stream;
    }

    /// <summary>What a write waits for before it is recorded, or null.</summary>
    public Func<Task>? HoldWrite { get; set; }

    /// <summary>Completes when the stream has been closed.</summary>
    public Task Closed => _closed.Task;

    /// <summary>The writes so far, each as it came.</summary>
    public IReadOnlyList<byte[]> Writes
    {
        get
        {
            lock (_gate)
            {
                return [.. _writes];
            }
        }
    }

    /// <summary>The room that each read so far gave.</summary>
    public IReadOnlyList<int> Reads
    {
        get
        {
            lock (_gate)
            {
                return [.. _reads];
            }
        }
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Lets one read give these bytes.</summary>
    public void Feed(ReadOnlySpan<byte> piece)
    {
        if (!piece.IsEmpty)
        {
            _input.Writer.TryWrite(piece.ToArray());
        }
    }

    /// <summary>Ends the input, cleanly or with an error.</summary>
    public void End(Exception? error = null) => _input.Writer.TryComplete(error);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed.Task.IsCompleted, this);
        lock (_gate)
        {
            _reads.Add(buffer.Length);
        }

        if (_piece.IsEmpty)
        {
            while (!_input.Reader.TryPeek(out _))
            {
                if (!await _input.Reader.WaitToReadAsync(cancellationToken))
                {
                    return 0;
                }
            }

            if (buffer.IsEmpty)
            {
                return 0;
            }

            _input.Reader.TryRead(out var piece);
            _piece = piece;
        }

        var count = Math.Min(_piece.Length, buffer.Length);
        _piece[..count].CopyTo(buffer);
        _piece = _piece[count..];
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed.Task.IsCompleted, this);
        if (HoldWrite is { } hold)
        {
            var held = hold();
            await Task.WhenAny(held, _closed.Task);
            ObjectDisposedException.ThrowIf(_closed.Task.IsCompleted, this);
            await held;
        }

        lock (_gate)
        {
            _writes.Add(buffer.ToArray());
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _closed.TrySetResult();
        _input.Writer.TryComplete(new ObjectDisposedException(nameof(ScriptedStream)));
        base.Dispose(disposing);
    }
}

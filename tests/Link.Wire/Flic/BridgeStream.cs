using System.Text;
using System.Threading.Channels;

namespace Link.Wire.Flic;

/// <summary>The stream of one connection of a bridge: what the test feeds is read piece by piece, what the bridge writes is kept as frames.</summary>
internal sealed class BridgeStream : Stream
{
    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _pieces = new();
    private readonly List<byte> _output = [];
    private readonly Channel<string> _frames = Channel.CreateUnbounded<string>();
    private TaskCompletionSource _fed = NewSource();
    private TaskCompletionSource _idle = NewSource();
    private bool _ended;

    /// <summary>The frames that the bridge has written, without delimiters; completed when it has closed.</summary>
    public ChannelReader<string> Frames => _frames.Reader;

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

    /// <summary>Feeds bytes, each piece for one read; null for the end. The task ends when they have been dealt with.</summary>
    public Task FeedAsync(params byte[]?[] pieces)
    {
        lock (_gate)
        {
            foreach (var piece in pieces)
            {
                _ended |= piece is null;
                if (piece is { Length: > 0 })
                {
                    _pieces.Enqueue(piece);
                }
            }

            _idle = NewSource();
            _fed.TrySetResult();
            return _idle.Task;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task fed;
            lock (_gate)
            {
                if (_pieces.TryPeek(out var piece))
                {
                    return Take(piece, buffer);
                }

                if (_ended)
                {
                    return 0;
                }

                _idle.TrySetResult();
                _fed = NewSource();
                fed = _fed.Task;
            }

            await fed.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _output.AddRange(buffer.Span);
        for (var end = _output.IndexOf(0); end >= 0; end = _output.IndexOf(0))
        {
            _frames.Writer.TryWrite(Encoding.UTF8.GetString([.. _output.Take(end)]));
            _output.RemoveRange(0, end + 1);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            _ended = true;
            _fed.TrySetResult();
            _idle.TrySetResult();
            _frames.Writer.TryComplete();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int Take(ReadOnlyMemory<byte> piece, Memory<byte> buffer)
    {
        var count = Math.Min(piece.Length, buffer.Length);
        if (count == 0)
        {
            return 0;
        }

        // The first of the queue cannot be changed in place: what is left of it goes to the front.
        piece[..count].CopyTo(buffer);
        _pieces.Dequeue();
        if (count < piece.Length)
        {
            ReadOnlyMemory<byte>[] rest = [piece[count..], .. _pieces];
            _pieces.Clear();
            Array.ForEach(rest, _pieces.Enqueue);
        }

        return count;
    }
}

namespace Link.Masterless;

/// <summary>Bytes on their way from one end of a <see cref="PairedStream"/> to the other. Bounded: who writes waits for who reads. Safe for concurrent use.</summary>
internal sealed class BytePipe
{
    private const int Capacity = 64 * 1024;

    private readonly byte[] _bytes = new byte[Capacity];
    private readonly Lock _gate = new();
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _start;
    private int _count;
    private bool _isWritten;
    private bool _isAbandoned;

    /// <summary>Takes bytes, waiting for the first; 0 at the end, or when none are asked for and some are there.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is lost.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_gate)
            {
                if (_isAbandoned || _isWritten || _count > 0)
                {
                    return _isAbandoned ? 0 : Take(target.Span);
                }

                change = _change.Task;
            }

            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Hands bytes over, waiting for room.</summary>
    /// <exception cref="IOException">Nobody reads or writes any more.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; a part may have been handed over.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            Task? change = null;
            lock (_gate)
            {
                if (_isAbandoned || _isWritten)
                {
                    throw new IOException("The other end is closed.");
                }

                var put = Put(bytes.Span);
                bytes = bytes[put..];
                change = put == 0 ? _change.Task : null;
            }

            await (change ?? Task.CompletedTask).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Nothing more will be written: what is there can still be read.</summary>
    public void EndWriting()
    {
        lock (_gate)
        {
            _isWritten = true;
            Tell();
        }
    }

    /// <summary>Nothing more will be read.</summary>
    public void EndReading()
    {
        lock (_gate)
        {
            _isAbandoned = true;
            Tell();
        }
    }

    private int Take(Span<byte> target)
    {
        var taken = 0;
        while (taken < target.Length && _count > 0)
        {
            var run = Math.Min(Math.Min(_count, Capacity - _start), target.Length - taken);
            _bytes.AsSpan(_start, run).CopyTo(target[taken..]);
            _start = (_start + run) % Capacity;
            _count -= run;
            taken += run;
        }

        Tell();
        return taken;
    }

    private int Put(ReadOnlySpan<byte> bytes)
    {
        var put = 0;
        while (put < bytes.Length && _count < Capacity)
        {
            var end = (_start + _count) % Capacity;
            var run = Math.Min(Math.Min(Capacity - _count, Capacity - end), bytes.Length - put);
            bytes.Slice(put, run).CopyTo(_bytes.AsSpan(end));
            _count += run;
            put += run;
        }

        Tell();
        return put;
    }

    private void Tell()
    {
        var change = _change;
        _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        change.TrySetResult();
    }
}

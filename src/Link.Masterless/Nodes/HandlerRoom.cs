namespace Link.Masterless;

/// <summary>
/// The room for packets that wait for their handlers or are handled, bounded in number and in bytes. Who finds none waits, first come, first served: so a peer
/// whose packets nobody takes is not read. Safe for concurrent use.
/// </summary>
/// <param name="max">How many.</param>
/// <param name="maxBytes">How many bytes; one alone may have more.</param>
internal sealed class HandlerRoom(int max, long maxBytes)
{
    private readonly LinkedList<Waiter> _waiting = new();
    private readonly Lock _gate = new();
    private int _count;
    private long _bytes;
    private bool _isClosed;

    /// <summary>Takes a place; false when the room is closed, or the token is cancelled first.</summary>
    public ValueTask<bool> EnterAsync(long bytes, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> waiter;
        lock (_gate)
        {
            if (_isClosed)
            {
                return new ValueTask<bool>(false);
            }

            if (_waiting.Count == 0 && TryTake(bytes))
            {
                return new ValueTask<bool>(true);
            }

            waiter = _waiting.AddLast(new Waiter(bytes));
        }

        return new ValueTask<bool>(WaitAsync(waiter, cancellationToken));
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(long bytes)
    {
        lock (_gate)
        {
            _count--;
            _bytes -= bytes;
            Admit();
        }
    }

    /// <summary>Admits nobody any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var waiter in _waiting)
            {
                waiter.Entered.TrySetResult(false);
            }

            _waiting.Clear();
        }
    }

    private async Task<bool> WaitAsync(LinkedListNode<Waiter> place, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(_ => Withdraw(place), null);
        return await place.Value.Entered.Task.ConfigureAwait(false);
    }

    private void Withdraw(LinkedListNode<Waiter> place)
    {
        lock (_gate)
        {
            if (place.List is not null && place.Value.Entered.TrySetResult(false))
            {
                _waiting.Remove(place);
                Admit();
            }
        }
    }

    private void Admit()
    {
        while (_waiting.First is { } first && TryTake(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            first.Value.Entered.TrySetResult(true);
        }
    }

    private bool TryTake(long bytes)
    {
        if (_count >= max || (_count > 0 && _bytes + bytes > maxBytes))
        {
            return false;
        }

        _count++;
        _bytes += bytes;
        return true;
    }

    private sealed record Waiter(long Bytes)
    {
        public TaskCompletionSource<bool> Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

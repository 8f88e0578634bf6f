namespace Link.Masterless;

/// <summary>
/// The room for packets that wait for their handlers or are handled, bounded in number and in bytes. Who finds none waits: so a peer whose packets nobody takes is not
/// read. A peer never takes more than it leaves to the others. Safe for concurrent use.
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
    public ValueTask<bool> EnterAsync(Guest guest, long bytes, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> waiter;
        lock (_gate)
        {
            if (_isClosed)
            {
                return new ValueTask<bool>(false);
            }

            if (_waiting.Count == 0 && HasPlace(bytes) && HasShare(guest, bytes))
            {
                Take(guest, bytes);
                return new ValueTask<bool>(true);
            }

            waiter = _waiting.AddLast(new Waiter(guest, bytes));
            Admit();
        }

        return new ValueTask<bool>(WaitAsync(waiter, cancellationToken));
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(Guest guest, long bytes)
    {
        lock (_gate)
        {
            _count--;
            _bytes -= bytes;
            guest.Count--;
            guest.Bytes -= bytes;
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
            if (place.Value.Entered.TrySetResult(false))
            {
                _waiting.Remove(place);
                Admit();
            }
        }
    }

    /// <summary>Admits who waits, first come, first served, except that who has had his share lets others pass.</summary>
    private void Admit()
    {
        for (var place = _waiting.First; place is not null && HasPlace(place.Value.Bytes);)
        {
            var (waiter, next) = (place.Value, place.Next);
            if (HasShare(waiter.Guest, waiter.Bytes))
            {
                Take(waiter.Guest, waiter.Bytes);
                _waiting.Remove(place);
                waiter.Entered.TrySetResult(true);
            }

            place = next;
        }
    }

    private bool HasPlace(long bytes) => _count < max && (_count == 0 || _bytes + bytes <= maxBytes);

    private bool HasShare(Guest guest, long bytes) =>
        guest.Count == 0 || (guest.Count < max - _count && guest.Bytes + bytes <= maxBytes - _bytes);

    private void Take(Guest guest, long bytes)
    {
        _count++;
        _bytes += bytes;
        guest.Count++;
        guest.Bytes += bytes;
    }

    /// <summary>What one peer has taken.</summary>
    internal sealed class Guest
    {
        /// <summary>How many places. Belongs to the room.</summary>
        public int Count { get; set; }

        /// <summary>How many bytes. Belongs to the room.</summary>
        public long Bytes { get; set; }
    }

    private sealed record Waiter(Guest Guest, long Bytes)
    {
        public TaskCompletionSource<bool> Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

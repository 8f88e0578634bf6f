using System.Diagnostics.CodeAnalysis;

namespace Link.Dispatching;

/// <summary>
/// Runs the user code of one connection away from its receive loop, in order of arrival, a whole batch on one thread: queueing
/// each item to the pool on its own would cost more than most items take. One worker is in charge; when an item holds it up,
/// another takes charge of what waits behind, so that blocking user code delays others a little and never stops them.
/// Safe for concurrent use.
/// </summary>
/// <param name="watchdog">Looks after batches that do not move.</param>
/// <param name="flush">Sends what the items of a batch wrote with the promise of more.</param>
internal sealed class WorkQueue(Watchdog watchdog, Action flush)
{
    // Most items take microseconds; the clock this is measured by is cheap and coarse.
    private const long HeldUpMilliseconds = 2;

    [ThreadStatic]
    private static WorkQueue? _current;

    [ThreadStatic]
    private static long _currentTurn;

    // Room that a burst needed is given back when the queue rests.
    private const int RoomToKeep = 32;

    private readonly Lock _gate = new();
    private readonly Queue<IWorkItem> _items = new();
    private int _waiting;
    private long _turns;
    private long _inCharge;
    private long _busySince;
    private int _watched;

    /// <summary>Called when the worker in charge is found to be held up, for whoever lent it the thread. May be called in vain.</summary>
    public Action? OnHeldUp { get; set; }

    /// <summary>Whether a write made now by this thread may leave sending to the end of the batch it runs.</summary>
    public bool MayDeferFlush =>
        ReferenceEquals(_current, this) && !IsEmpty && _currentTurn == Volatile.Read(ref _inCharge);

    /// <summary>Adds an item. <see cref="HandOver"/> or <see cref="RunHere"/> must follow.</summary>
    public void Add(IWorkItem item)
    {
        lock (_gate)
        {
            _items.Enqueue(item);
            Volatile.Write(ref _waiting, _items.Count);
        }
    }

    /// <summary>Sees to it that a pool thread works on what was added.</summary>
    public void HandOver()
    {
        if (!IsEmpty && TryTakeCharge(out var turn))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static work => work.Queue.Work(work.Turn), (Queue: this, Turn: turn), preferLocal: false);
        }
    }

    /// <summary>Works on this thread, unless somebody does already or the thread is not one to run user code on.</summary>
    public void RunHere()
    {
        if (!Thread.CurrentThread.IsThreadPoolThread || _current is not null)
        {
            HandOver();
        }
        else if (!IsEmpty && TryTakeCharge(out var turn))
        {
            Work(turn);
        }
    }

    /// <summary>Called now and then while items wait: brings help when the worker in charge is held up.</summary>
    /// <returns>False when there is no more to watch.</returns>
    public bool Tick()
    {
        flush();
        if (Volatile.Read(ref _inCharge) != 0)
        {
            // Whoever lays the charge down may have wiped out the time of the one who has just taken it up: then it counts from now.
            Interlocked.CompareExchange(ref _busySince, Environment.TickCount64, 0);
        }

        if (OnHeldUp is { } onHeldUp && Volatile.Read(ref _inCharge) != 0)
        {
            if (IsHeldUp)
            {
                onHeldUp();
            }
        }
        else if (IsEmpty)
        {
            GiveRoomBack();
            Volatile.Write(ref _watched, 0);

            // An item added before the flag fell has not asked for the watchdog.
            return !IsEmpty && Interlocked.Exchange(ref _watched, 1) == 0;
        }

        HandOver();
        return true;
    }

    private bool IsEmpty => Volatile.Read(ref _waiting) == 0;

    private bool TryTake([MaybeNullWhen(false)] out IWorkItem item)
    {
        lock (_gate)
        {
            if (!_items.TryDequeue(out item))
            {
                return false;
            }

            Volatile.Write(ref _waiting, _items.Count);
            return true;
        }
    }

    private void GiveRoomBack()
    {
        lock (_gate)
        {
            if (_items.Count == 0 && _items.Capacity > RoomToKeep)
            {
                _items.TrimExcess();
            }
        }
    }

    private bool TryTakeCharge(out long turn)
    {
        var inCharge = Volatile.Read(ref _inCharge);
        if (inCharge != 0 && !IsHeldUp)
        {
            // The worker in charge looks once more before it rests; but should it be held up from now on, somebody must notice.
            AskWatchdog();
            turn = 0;
            return false;
        }

        turn = Interlocked.Increment(ref _turns);
        if (Interlocked.CompareExchange(ref _inCharge, turn, inCharge) != inCharge)
        {
            return false;
        }

        Volatile.Write(ref _busySince, 0);
        return true;
    }

    private bool IsHeldUp => Volatile.Read(ref _busySince) is var since and not 0 && Environment.TickCount64 - since >= HeldUpMilliseconds;

    private void Work(long turn)
    {
        _current = this;
        do
        {
            _currentTurn = turn;
            while (Volatile.Read(ref _inCharge) == turn && TryTake(out var item))
            {
                Volatile.Write(ref _busySince, Environment.TickCount64);
                if (OnHeldUp is not null || !IsEmpty)
                {
                    AskWatchdog();
                }

                item.Run();
            }

            flush();
            turn = Rest(turn);
        }
        while (turn != 0);
        _current = null;
    }

    /// <summary>Lays the charge down, and takes it up again when items came at the last moment.</summary>
    private long Rest(long turn)
    {
        if (Volatile.Read(ref _inCharge) != turn)
        {
            return 0;
        }

        Volatile.Write(ref _busySince, 0);
        if (Interlocked.CompareExchange(ref _inCharge, 0, turn) != turn || IsEmpty)
        {
            return 0;
        }

        var next = Interlocked.Increment(ref _turns);
        return Interlocked.CompareExchange(ref _inCharge, next, 0) == 0 ? next : 0;
    }

    private void AskWatchdog()
    {
        if (Volatile.Read(ref _watched) == 0 && Interlocked.Exchange(ref _watched, 1) == 0)
        {
            watchdog.Watch(this);
        }
    }
}

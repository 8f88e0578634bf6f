using System.Collections.Concurrent;

namespace Link.Dispatching;

/// <summary>
/// Runs the user code of one connection away from its receive loop, in order of arrival, a whole batch on one thread: queueing
/// each item to the pool on its own would cost more than most items take. Further workers join as soon as one is seen to be held
/// up by an item, so that blocking user code delays what is behind it, but never stops it. Safe for concurrent use.
/// </summary>
/// <param name="watchdog">Looks after batches that do not move.</param>
/// <param name="flush">Sends what the items of a batch wrote with the promise of more.</param>
internal sealed class WorkQueue(Watchdog watchdog, Action flush) : IThreadPoolWorkItem
{
    [ThreadStatic]
    private static WorkQueue? _current;

    private readonly ConcurrentQueue<IWorkItem> _items = new();
    private int _workers;
    private int _taken;
    private int _takenAtHandOver;
    private int _takenAtTick;
    private int _watched;

    /// <summary>True when items wait and nobody works.</summary>
    public bool NeedsWorker => Volatile.Read(ref _workers) == 0 && !_items.IsEmpty;

    /// <summary>True while nothing waits and nobody works.</summary>
    public bool IsIdle => Volatile.Read(ref _workers) == 0 && _items.IsEmpty;

    /// <summary>Whether a write made now by this thread may leave sending to the end of the batch it runs.</summary>
    public bool MayDeferFlush => ReferenceEquals(_current, this) && !_items.IsEmpty;

    /// <summary>Adds an item. <see cref="HandOver"/> or <see cref="RunHere"/> must follow.</summary>
    public void Add(IWorkItem item) => _items.Enqueue(item);

    /// <summary>Sees to it that a pool thread works on what was added.</summary>
    public void HandOver()
    {
        var workers = Volatile.Read(ref _workers);
        var taken = Volatile.Read(ref _taken);
        if (workers == 0 || (taken == _takenAtHandOver && workers < Environment.ProcessorCount))
        {
            StartWorker();
        }

        _takenAtHandOver = taken;
    }

    /// <summary>Works on this thread, unless somebody does already or the thread is not one to run user code on.</summary>
    public void RunHere()
    {
        if (!Thread.CurrentThread.IsThreadPoolThread || _current is not null)
        {
            HandOver();
        }
        else if (Interlocked.CompareExchange(ref _workers, 1, 0) == 0)
        {
            Work();
        }
        else
        {
            HandOver();
        }
    }

    /// <summary>Called now and then while there is a batch: brings help to one that has not moved since the last time.</summary>
    /// <returns>False when there is no more to watch.</returns>
    public bool Tick()
    {
        flush();
        if (IsIdle)
        {
            Volatile.Write(ref _watched, 0);

            // An item added before the flag fell has not asked for the watchdog.
            return !IsIdle && Interlocked.Exchange(ref _watched, 1) == 0;
        }

        var taken = Volatile.Read(ref _taken);
        if (taken == _takenAtTick && !_items.IsEmpty)
        {
            StartWorker();
        }

        _takenAtTick = taken;
        return true;
    }

    void IThreadPoolWorkItem.Execute() => Work();

    private void StartWorker()
    {
        Interlocked.Increment(ref _workers);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Work()
    {
        _current = this;
        do
        {
            while (_items.TryDequeue(out var item))
            {
                Interlocked.Increment(ref _taken);
                if (!_items.IsEmpty)
                {
                    AskWatchdog();
                }

                item.Run();
            }

            flush();
            Interlocked.Decrement(ref _workers);
        }
        while (NeedsWorker && Interlocked.CompareExchange(ref _workers, 1, 0) == 0);
        _current = null;
    }

    private void AskWatchdog()
    {
        if (Volatile.Read(ref _watched) == 0 && Interlocked.Exchange(ref _watched, 1) == 0)
        {
            watchdog.Watch(this);
        }
    }
}

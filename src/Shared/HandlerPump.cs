using System.Diagnostics;

namespace Link.Handlers;

/// <summary>Something that a <see cref="HandlerPump"/> starts.</summary>
/// <param name="bytes">What it holds in memory until it is done.</param>
internal abstract class PumpItem(long bytes)
{
    /// <summary>What it holds in memory until it is done.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>Runs it; never throws.</summary>
    public abstract Task RunAsync();

    /// <summary>There was no slot for it. Never throws.</summary>
    public abstract void Refuse();
}

/// <summary>
/// Starts handlers one after the other, in the order of arrival; at its first await a handler lets the next one start. Bounded in what waits, in what
/// runs and in bytes. What finds no slot is refused and does not wait for one: a handler may wait for what another one of the same node does. Needs no
/// thread while it is empty.
/// </summary>
/// <param name="limit">How many may wait, and how many may run.</param>
/// <param name="maxBytes">How many bytes they may hold before more is refused; one alone may hold more.</param>
/// <param name="owner">Whose handlers they are.</param>
/// <param name="reserve">
/// How many reports of faults may wait beside that, and how many comings and goings: what the node itself has to say is not crowded out by what others send.
/// </param>
internal sealed class HandlerPump(int limit, long maxBytes, object owner, int reserve = 512)
{
    // So long may the handlers of one node keep a thread while others wait for one.
    private static readonly long TurnTicks = Stopwatch.Frequency / 1000;

    private static readonly AsyncLocal<object?> Inside = new();

    private readonly Queue<Entry> _waiting = new();
    private readonly int[] _counts = new int[3];
    private readonly Lock _gate = new();
    private TaskCompletionSource? _drained;
    private long _bytes;
    private int _running;
    private bool _pumping;
    private bool _closed;

    /// <summary>Whether the caller is a handler of this owner: it must not wait for handlers.</summary>
    public static bool IsInside(object owner) => Inside.Value == owner;

    /// <summary>Appends an event; false when it is full or closed.</summary>
    public bool TryPost(PumpItem item)
    {
        lock (_gate)
        {
            return !_closed && TryAppend(new Entry(PumpKind.Event, item, null, item.Bytes), limit);
        }
    }

    /// <summary>Appends something of the node's own, which needs no slot; false when its reserve is full.</summary>
    /// <param name="kind">Whose reserve it takes.</param>
    /// <param name="local">What to call; never throws.</param>
    /// <param name="bytes">What it holds in memory until it is done, of what a peer has sent.</param>
    public bool TryPost(PumpKind kind, Action local, long bytes)
    {
        lock (_gate)
        {
            return TryAppend(new Entry(kind, null, local, bytes), reserve);
        }
    }

    /// <summary>Refuses what comes, except what is of the node's own.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    /// <summary>Ends when nothing waits or runs.</summary>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            return _pumping || _running > 0
                ? (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                : Task.CompletedTask;
        }
    }

    private bool TryAppend(Entry entry, int max)
    {
        if (_counts[(int)entry.Kind] >= max || (entry.Bytes > 0 && _bytes > 0 && _bytes + entry.Bytes > maxBytes))
        {
            return false;
        }

        _bytes += entry.Bytes;
        _counts[(int)entry.Kind]++;
        _waiting.Enqueue(entry);
        if (!_pumping)
        {
            _pumping = true;
            ThreadPool.UnsafeQueueUserWorkItem(static pump => _ = pump.PumpAsync(), this, preferLocal: false);
        }

        return true;
    }

    private async Task PumpAsync()
    {
        Inside.Value = owner;
        var begun = Stopwatch.GetTimestamp();
        while (TryTake(out var entry, out var hasSlot))
        {
            if (entry.Item is { } item)
            {
                Start(item, hasSlot);
            }
            else
            {
                entry.Local!();
                Release(entry.Bytes, held: 0);
            }

            if (Stopwatch.GetTimestamp() - begun > TurnTicks)
            {
                await Task.Yield();
                begun = Stopwatch.GetTimestamp();
            }
        }
    }

    private bool TryTake(out Entry entry, out bool hasSlot)
    {
        lock (_gate)
        {
            hasSlot = _running < limit;
            if (!_waiting.TryDequeue(out entry))
            {
                _pumping = false;
                EndDrain();
                return false;
            }

            _counts[(int)entry.Kind]--;
            if (entry.Item is not null && hasSlot)
            {
                _running++;
            }

            return true;
        }
    }

    private void Start(PumpItem item, bool hasSlot)
    {
        if (!hasSlot)
        {
            item.Refuse();
            Release(item.Bytes, held: 0);
            return;
        }

        var running = item.RunAsync();
        if (running.IsCompleted)
        {
            Release(item.Bytes, held: 1);
        }
        else
        {
            _ = AwaitAsync(item, running);
        }
    }

    private async Task AwaitAsync(PumpItem item, Task running)
    {
        await running.ConfigureAwait(false);
        Release(item.Bytes, held: 1);
    }

    private void Release(long bytes, int held)
    {
        lock (_gate)
        {
            _bytes -= bytes;
            _running -= held;
            EndDrain();
        }
    }

    private void EndDrain()
    {
        if (!_pumping && _running == 0)
        {
            _drained?.TrySetResult();
            _drained = null;
        }
    }

    private readonly record struct Entry(PumpKind Kind, PumpItem? Item, Action? Local, long Bytes);
}

using System.Diagnostics;

namespace Link.Flic;

/// <summary>Something that a <see cref="HandlerPump"/> starts.</summary>
/// <param name="bytes">What it holds in memory until it is done.</param>
internal abstract class PumpItem(int bytes)
{
    /// <summary>What it holds in memory until it is done.</summary>
    public int Bytes { get; } = bytes;

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
internal sealed class HandlerPump(int limit, long maxBytes, object owner)
{
    // What the node itself has to say is not crowded out by what others send.
    private const int Reserve = 1024;

    // So long may the handlers of one node keep a thread while others wait for one.
    private static readonly long TurnTicks = Stopwatch.Frequency / 1000;

    private static readonly AsyncLocal<object?> Inside = new();

    private readonly Queue<(PumpItem? Item, Action? Local)> _waiting = new();
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
            if (_closed || _waiting.Count >= limit || (_bytes > 0 && _bytes + item.Bytes > maxBytes))
            {
                return false;
            }

            _bytes += item.Bytes;
            Append((item, null));
            return true;
        }
    }

    /// <summary>Appends something of the node's own, which needs no slot; false when even the reserve is full. It never throws.</summary>
    public bool TryPost(Action local)
    {
        lock (_gate)
        {
            if (_waiting.Count >= (long)limit + Reserve)
            {
                return false;
            }

            Append((null, local));
            return true;
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

    private void Append((PumpItem? Item, Action? Local) entry)
    {
        _waiting.Enqueue(entry);
        if (!_pumping)
        {
            _pumping = true;
            ThreadPool.UnsafeQueueUserWorkItem(static pump => _ = pump.PumpAsync(), this, preferLocal: false);
        }
    }

    private async Task PumpAsync()
    {
        Inside.Value = owner;
        var begun = Stopwatch.GetTimestamp();
        while (TryTake(out var entry, out var hasSlot))
        {
            entry.Local?.Invoke();
            if (entry.Item is { } item)
            {
                Start(item, hasSlot);
            }

            if (Stopwatch.GetTimestamp() - begun > TurnTicks)
            {
                await Task.Yield();
                begun = Stopwatch.GetTimestamp();
            }
        }
    }

    private bool TryTake(out (PumpItem? Item, Action? Local) entry, out bool hasSlot)
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
            Release(item, held: 0);
            return;
        }

        var running = item.RunAsync();
        if (running.IsCompleted)
        {
            Release(item, held: 1);
        }
        else
        {
            _ = AwaitAsync(item, running);
        }
    }

    private async Task AwaitAsync(PumpItem item, Task running)
    {
        await running.ConfigureAwait(false);
        Release(item, held: 1);
    }

    private void Release(PumpItem item, int held)
    {
        lock (_gate)
        {
            _bytes -= item.Bytes;
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
}

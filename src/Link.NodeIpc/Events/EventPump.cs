using System.Diagnostics;

namespace Link.NodeIpc.Events;

/// <summary>
/// Runs the handlers of one connection, one after the other and in order. Bounded: whoever posts waits while it is full, so that a connection whose
/// handlers are slow is not read. Needs no thread and no task while it is empty.
/// </summary>
/// <param name="maxEvents">How many may wait.</param>
/// <param name="maxBytes">How many bytes they may hold before posting waits.</param>
/// <param name="owner">Whose handlers they are.</param>
internal sealed class EventPump(int maxEvents, int maxBytes, object owner)
{
    // So long may the handlers of one connection keep a thread while others wait for one.
    private static readonly long TurnTicks = Stopwatch.Frequency / 1000;

    private static readonly AsyncLocal<object?> Inside = new();

    private readonly Queue<(Func<Task> Run, int Bytes)> _events = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _drained;
    private long _bytes;
    private bool _running;
    private bool _closed;

    /// <summary>Whether the caller is a handler of this owner: it must not wait for handlers.</summary>
    public static bool IsInside(object owner) => Inside.Value == owner;

    /// <summary>Appends an event; the task ends when there is room for another.</summary>
    /// <param name="run">Runs the handlers; never throws.</param>
    /// <param name="bytes">What it holds in memory.</param>
    public Task PostAsync(Func<Task> run, int bytes = 0)
    {
        lock (_gate)
        {
            Append(run, bytes);
            return IsFull ? (_room ??= NewSource()).Task : Task.CompletedTask;
        }
    }

    /// <summary>Appends an event unless it is full.</summary>
    public bool TryPost(Func<Task> run)
    {
        lock (_gate)
        {
            return !IsFull && Append(run, bytes: 0);
        }
    }

    /// <summary>Ends when nothing waits or runs.</summary>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            return _running ? (_drained ??= NewSource()).Task : Task.CompletedTask;
        }
    }

    /// <summary>Drops what waits and what comes: handlers that do not return are not ours to end.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _events.Clear();
            _bytes = 0;
            ReleaseRoom();
        }
    }

    private bool IsFull => _events.Count >= maxEvents || _bytes >= maxBytes;

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool Append(Func<Task> run, int bytes)
    {
        if (_closed)
        {
            return false;
        }

        _events.Enqueue((run, bytes));
        _bytes += bytes;
        if (!_running)
        {
            _running = true;
            ThreadPool.UnsafeQueueUserWorkItem(static pump => _ = pump.RunAsync(), this, preferLocal: false);
        }

        return true;
    }

    private async Task RunAsync()
    {
        Inside.Value = owner;
        var begun = Stopwatch.GetTimestamp();
        while (TryTake(out var run))
        {
            var running = run();
            var isDone = running.IsCompletedSuccessfully;
            await running.ConfigureAwait(false);
            if (!isDone || Stopwatch.GetTimestamp() - begun > TurnTicks)
            {
                // The thread may be somebody else's, who has completed what the handler waited for; or others have waited long enough.
                await Task.Yield();
                begun = Stopwatch.GetTimestamp();
            }
        }
    }

    private bool TryTake(out Func<Task> run)
    {
        lock (_gate)
        {
            if (!_events.TryDequeue(out var next))
            {
                _running = false;
                _drained?.TrySetResult();
                _drained = null;
                run = null!;
                return false;
            }

            run = next.Run;
            _bytes -= next.Bytes;
            if (!IsFull)
            {
                ReleaseRoom();
            }

            return true;
        }
    }

    private void ReleaseRoom()
    {
        _room?.TrySetResult();
        _room = null;
    }
}

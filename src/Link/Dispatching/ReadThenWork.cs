using System.Runtime.CompilerServices;
using Link.Abstractions;

namespace Link.Dispatching;

/// <summary>
/// Awaits a read that is under way, and lets the thread that would now be idle run the batch read before: the receive loop is
/// already waiting for the next bytes, and goes on elsewhere when they come, however long the batch takes. So user code never
/// holds the loop up, and a single message needs no hop to another thread.
/// </summary>
internal readonly struct ReadThenWork(ValueTask<Envelope?> read, WorkQueue queue) : ICriticalNotifyCompletion
{
    private readonly ConfiguredValueTaskAwaitable<Envelope?>.ConfiguredValueTaskAwaiter _read = read.ConfigureAwait(false).GetAwaiter();

    public bool IsCompleted => _read.IsCompleted;

    public ReadThenWork GetAwaiter() => this;

    public Envelope? GetResult() => _read.GetResult();

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        var batch = queue;
        _read.UnsafeOnCompleted(continuation);
        batch.RunHere();
    }
}

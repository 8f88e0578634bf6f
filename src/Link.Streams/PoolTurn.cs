using System.Runtime.CompilerServices;

namespace Link.Streams;

/// <summary>
/// Awaited, it lets the thread go and continues on the pool behind everything that waits there already, whatever context the
/// caller has. (A forced yield of a completed task goes to the front of the thread's own queue, and lets nobody else in.)
/// </summary>
internal readonly struct PoolTurn : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public PoolTurn GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) =>
        ThreadPool.UnsafeQueueUserWorkItem(static next => next(), continuation, preferLocal: false);
}

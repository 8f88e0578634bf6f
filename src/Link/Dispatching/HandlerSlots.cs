namespace Link.Dispatching;

/// <summary>How many handlers may run at once. Safe for concurrent use.</summary>
/// <param name="limit">The number of slots.</param>
internal sealed class HandlerSlots(int limit) : IDisposable
{
    private readonly SemaphoreSlim _free = new(limit, limit);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private volatile bool _draining;

    public int Running => Volatile.Read(ref _running);

    /// <summary>True when no more handlers may start because the server is being disposed.</summary>
    public bool IsDraining => _draining;

    public bool TryTake()
    {
        if (!_free.Wait(0))
        {
            return false;
        }

        Interlocked.Increment(ref _running);
        return true;
    }

    public async ValueTask TakeAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref _running);
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _running) == 0 && _draining)
        {
            _drained.TrySetResult();
        }

        _free.Release();
    }

    /// <summary>From now on no handler is to start; waits for those that run.</summary>
    /// <returns>False when some still run after the time.</returns>
    public async Task<bool> DrainAsync(TimeSpan timeout, TimeProvider time)
    {
        _draining = true;
        Interlocked.MemoryBarrier();
        if (Running == 0)
        {
            return true;
        }

        try
        {
            await _drained.Task.WaitAsync(timeout, time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public void Dispose() => _free.Dispose();
}

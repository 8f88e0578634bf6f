namespace Link.Testing;

/// <summary>Waiting for something that should happen, with an end in case it does not.</summary>
public static class Within
{
    /// <summary>How long a wait may take unless said: far more than a loaded machine needs.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    /// <summary>Waits for the task.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public static Task Deadline(Task task, TimeSpan? limit = null) => task.WaitAsync(limit ?? Default);

    /// <inheritdoc cref="Deadline(Task, TimeSpan?)"/>
    public static Task<T> Deadline<T>(Task<T> task, TimeSpan? limit = null) => task.WaitAsync(limit ?? Default);

    /// <inheritdoc cref="Deadline(Task, TimeSpan?)"/>
    public static Task Deadline(ValueTask task, TimeSpan? limit = null) => task.AsTask().WaitAsync(limit ?? Default);

    /// <inheritdoc cref="Deadline(Task, TimeSpan?)"/>
    public static Task<T> Deadline<T>(ValueTask<T> task, TimeSpan? limit = null) => task.AsTask().WaitAsync(limit ?? Default);

    /// <summary>Repeats an attempt until it gives true: for states that raise no event to wait for.</summary>
    /// <exception cref="TimeoutException">It did not become true in time.</exception>
    public static async Task Until(Func<ValueTask<bool>> attempt, TimeSpan? limit = null)
    {
        using var deadline = new CancellationTokenSource(limit ?? Default);
        while (!await attempt())
        {
            if (deadline.IsCancellationRequested)
            {
                throw new TimeoutException("What was waited for did not happen.");
            }

            await Task.Yield();
        }
    }

    /// <inheritdoc cref="Until(Func{ValueTask{bool}}, TimeSpan?)"/>
    public static Task Until(Func<bool> attempt, TimeSpan? limit = null) => Until(() => ValueTask.FromResult(attempt()), limit);
}

using Link.Testing;

namespace Link.Spec.Support;

/// <summary>No wait of a test is without an end: what has not happened by then never will.</summary>
internal static class Deadline
{
    public static Task Soon(this Task task) => task.WaitAsync(Within.Default);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Within.Default);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Within.Default);

    public static TaskCompletionSource<T> Signal<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

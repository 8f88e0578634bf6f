using Link.Dispatching;

namespace Link;

/// <summary>
/// One promise. Whoever removes it from its table settles it, and its continuations run on a worker: that is why it needs no
/// queueing of its own for them.
/// </summary>
/// <param name="deadline">When it times out, as a timestamp of the server's clock.</param>
internal sealed class PendingRequest(long deadline) : TaskCompletionSource<Reply>, IWorkItem
{
    private object? _outcome;

    public long Deadline { get; } = deadline;

    /// <summary>Says how it ends; <see cref="IWorkItem.Run"/> makes it so.</summary>
    public PendingRequest With(object replyOrException)
    {
        _outcome = replyOrException;
        return this;
    }

    void IWorkItem.Run()
    {
        if (_outcome is Reply reply)
        {
            TrySetResult(reply);
        }
        else
        {
            TrySetException((Exception)_outcome!);
        }
    }
}

namespace Link.Flic;

/// <summary>An attempt to begin a conversation, shared by all who want the same one. Belongs to its <see cref="NodePlace"/>, which locks.</summary>
/// <param name="conversation">What comes of it.</param>
internal sealed class Dial(Conversation conversation)
{
    private readonly TaskCompletionSource<Conversation> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What comes of it.</summary>
    public Conversation Conversation => conversation;

    /// <summary>How it ended.</summary>
    public Task<Conversation> Outcome => _outcome.Task;

    /// <summary>How many want it.</summary>
    public int Waiters { get; set; }

    /// <summary>The node is there.</summary>
    public void Succeed() => _outcome.TrySetResult(conversation);

    /// <summary>There will be no conversation.</summary>
    public void Fail(Exception cause)
    {
        _outcome.TrySetException(cause);
        _ = _outcome.Task.Exception;
    }
}

using Link.Abstractions;

namespace Link.Flic;

/// <summary>One answer that somebody waits for.</summary>
/// <param name="id">The id of the frame.</param>
/// <param name="target">Whom it was told.</param>
/// <param name="begun">When.</param>
internal sealed class PendingTell(Guid id, TellTarget target, long begun)
    : TaskCompletionSource<FlicArguments>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private volatile bool _isSent;

    /// <summary>The id of the frame.</summary>
    public Guid Id { get; } = id;

    /// <summary>Whom it was told.</summary>
    public TellTarget Target { get; } = target;

    /// <summary>When.</summary>
    public long Begun { get; } = begun;

    /// <summary>Where it stands among the others, by age.</summary>
    public LinkedListNode<PendingTell>? Place { get; set; }

    /// <summary>What to undo when it is over.</summary>
    public CancellationTokenRegistration Registration { get; set; }

    /// <summary>Whether it may have run.</summary>
    public RequestFate Fate => _isSent ? RequestFate.Unknown : RequestFate.NotSent;

    /// <summary>From here on it may have run.</summary>
    public void MarkSent() => _isSent = true;
}

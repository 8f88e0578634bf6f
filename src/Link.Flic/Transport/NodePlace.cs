using Link.Abstractions;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>
/// One name at a bridge and the conversations that go through it (SPEC.md, "flic: a Server over a bridge"). Over as soon as its connection to the
/// bridge is. Safe for concurrent use.
/// </summary>
internal sealed class NodePlace
{
    private static readonly byte[] NoError = "[null]"u8.ToArray();

    private readonly Lock _gate = new();
    private readonly Arrivals _arrivals;
    private readonly TaskCompletionSource<LinkException?> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NodeLink? _link;
    private Task? _leaving;
    private bool _bridgeCloses;
    private volatile bool _isUnwanted;
    private volatile bool _endsIdle;

    private NodePlace(string name, bool accepts, Arrivals arrivals)
    {
        Name = name;
        _arrivals = arrivals;
        Conversations = new Conversations(this, accepts, arrivals);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The bridge.</summary>
    public Peer Bridge => _link!.Bridge;

    /// <summary>What goes through it.</summary>
    public Conversations Conversations { get; }

    /// <summary>Whether conversations can begin.</summary>
    public bool IsOpen => !_isUnwanted && !_over.Task.IsCompleted;

    /// <summary>Ends when the place is over: why, or null when that is in order.</summary>
    public Task<LinkException?> Over => _over.Task;

    private FlicNodeOptions Options => _arrivals.Options;

    /// <summary>Registers a name, to which others may begin conversations if it accepts any.</summary>
    /// <exception cref="LinkException">As <see cref="NodeLink.OpenAsync"/>.</exception>
    public static async Task<NodePlace> OpenAsync(string name, bool accepts, NodeLinkOptions link, Arrivals arrivals, CancellationToken cancellationToken)
    {
        var place = new NodePlace(name, accepts, arrivals);
        await NodeLink.OpenAsync(link, name, new PlaceEvents(place, arrivals), cancellationToken).ConfigureAwait(false);
        return place;
    }

    /// <summary>The live conversation with a peer, or a new one once the bridge has told that the peer is there. Null when none can begin here.</summary>
    public async Task<Conversation?> DialAsync(string peer, CancellationToken cancellationToken)
    {
        if (Conversations.Join(peer, out var live, out var isNew) is not { } dial)
        {
            return live;
        }

        if (isNew)
        {
            Begin(dial.Conversation);
        }

        try
        {
            return await dial.Outcome.WaitAsync(Options.ConnectTimeout, Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            if (!Conversations.TryLeave(dial))
            {
                // Too late: it counts as given to this caller, perhaps to nobody else.
                return await dial.Outcome.ConfigureAwait(false);
            }

            Settle();
            var limit = Options.ConnectTimeout.TotalSeconds;
            throw exception is not TimeoutException ? exception : new LinkException(
                LinkError.Timeout, $"{Bridge} did not tell within {limit:0.###} s whether the node {peer} is there.", peer: Bridge);
        }
    }

    /// <summary>Sends a request.</summary>
    /// <exception cref="LinkException">Nothing was sent.</exception>
    public void Ask(Conversation conversation, in Envelope request, bool more)
    {
        var frame = Conversations.Ask(conversation, request.Id, out var forgotten);
        if (forgotten is { } oldest)
        {
            Count(oldest.Conversation);
            _arrivals.ReportForgotten(oldest.Conversation.Peer);
        }

        try
        {
            _link!.Write((_link, conversation, frame.Json, request.Payload), PlaceFrames.EncodeRequest, more, leavesRoom: true);
        }
        catch
        {
            if (Conversations.TryTakeAnswered(frame, out _, out _))
            {
                Count(conversation);
            }

            throw;
        }
    }

    /// <summary>Sends a reply.</summary>
    /// <exception cref="LinkException">Nothing was sent.</exception>
    public void Reply(Conversation conversation, in Envelope reply, bool more)
    {
        _link!.Write((_link, conversation, reply), PlaceFrames.EncodeReply, more, leavesRoom: true);
        Count(conversation);
    }

    /// <summary>Sends what writes with <c>more</c> left behind.</summary>
    public void Flush() => _link!.Flush();

    /// <summary>One request fewer waits for its reply.</summary>
    public void Count(Conversation conversation)
    {
        Conversations.Answered(conversation);
        Settle();
    }

    /// <summary>Watches an accepted conversation: a TELL that its other end answers when it ends it, or the bridge when the node is lost.</summary>
    public void Watch(Conversation conversation) => TryWrite(PlaceFrames.Control(conversation, PlaceFrames.Watch));

    /// <summary>Answers the TELL of this id, unless that is empty; all is JSON text, but the error.</summary>
    public void Answer(ReadOnlyMemory<byte> sender, ReadOnlyMemory<byte> id, string? error)
    {
        if (!id.IsEmpty)
        {
            TryWrite(new OutgoingFrame
            {
                Method = FlicMethod.Ack, First = sender, Second = id, Third = error is null ? NoError : PlaceFrames.ErrorOf(error),
            });
        }
    }

    /// <summary>Ends a conversation from this side; if it was the last of a name that is given up, waits until the name is free.</summary>
    public Task CloseAsync(Conversation conversation)
    {
        Answer(conversation.QuotedOther, Conversations.Close(conversation), null);
        Settle();
        lock (_gate)
        {
            return _leaving ?? Task.CompletedTask;
        }
    }

    /// <summary>A conversation has ended at its other end, or with it.</summary>
    public void End(Conversation conversation, LinkException? failure)
    {
        var endId = Conversations.End(conversation);
        conversation.Inbox.End(failure);
        Answer(conversation.QuotedOther, endId, null);
        Settle();
    }

    /// <summary>Lets none begin any more, and leaves the name when the last conversation has ended.</summary>
    /// <param name="endsIdle">
    /// Whether those in which nobody waits end at once, and the others when everybody has been answered, or no answer can be expected any more.
    /// </param>
    /// <returns>Ends at once, unless nothing is left to wait for: then when the name is free.</returns>
    public Task FinishAsync(bool endsIdle)
    {
        Conversations.Refuse();
        _isUnwanted = true;
        _endsIdle |= endsIdle;
        Settle();
        lock (_gate)
        {
            if (_leaving is null && endsIdle)
            {
                _ = LeaveInTimeAsync();
            }

            return _leaving ?? Task.CompletedTask;
        }
    }

    /// <summary>Does what is to be done when something has ended.</summary>
    public void Settle()
    {
        if (!_isUnwanted)
        {
            return;
        }

        var idle = _endsIdle ? Conversations.CloseIdle() : [];
        foreach (var (conversation, endId) in idle)
        {
            Answer(conversation.QuotedOther, endId, null);
        }

        if (!TryBeginToLeave(idle))
        {
            End(idle);
        }
    }

    /// <summary>The name is registered.</summary>
    public void OnRegistered(NodeLink link) => _link = link;

    /// <summary>The bridge has said that it stops.</summary>
    public void OnBridgeCloses() => _bridgeCloses = true;

    /// <summary>There is no connection to the bridge any more.</summary>
    public void OnEnded(NodeLink link, LinkException? cause)
    {
        LinkException? failure;
        lock (_gate)
        {
            failure = _leaving is not null || _bridgeCloses ? null : cause ?? new LinkException(
                LinkError.ConnectionLost, $"{link.Bridge} closed the connection.", RequestFate.Unknown, link.Bridge);
        }

        Conversations.EndAll(failure);
        _over.TrySetResult(failure);
    }

    /// <summary>Asks the peer for a conversation, and itself for a sign that the bridge has done so.</summary>
    private void Begin(Conversation conversation)
    {
        try
        {
            _link!.Write(PlaceFrames.Control(conversation, PlaceFrames.Open), more: true);
            _link.Write(PlaceFrames.Control(_link.QuotedName, default, PlaceFrames.Echo, conversation.Epoch));
        }
        catch (LinkException exception)
        {
            Conversations.TryFail(conversation, exception);
        }
    }

    private bool TryBeginToLeave(IReadOnlyList<(Conversation Conversation, ReadOnlyMemory<byte> EndId)> idle)
    {
        lock (_gate)
        {
            if (_leaving is not null || !Conversations.AreOver())
            {
                return false;
            }

            _leaving = Task.Run(async () =>
            {
                // In this order, so that whoever sees the last one end finds the name free.
                await _link!.LeaveAsync().ConfigureAwait(false);
                End(idle);
            });
            return true;
        }
    }

    private static void End(IReadOnlyList<(Conversation Conversation, ReadOnlyMemory<byte> EndId)> conversations)
    {
        foreach (var (conversation, _) in conversations)
        {
            conversation.Inbox.End(null);
        }
    }

    private async Task LeaveInTimeAsync()
    {
        try
        {
            await Over.WaitAsync(Options.TellTimeout, Options.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                _leaving ??= Task.Run(() => _link!.LeaveAsync());
            }
        }
    }

    private void TryWrite(OutgoingFrame frame) => _link!.WriteAwaited(frame, _arrivals.Report);
}

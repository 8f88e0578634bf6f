using Link.Abstractions;
using Link.Flic.Frames;
using Link.Logging;

namespace Link.Flic;

/// <summary>
/// The conversations that others began with one <see cref="NodePlace"/>, one for each sender. One that this side has closed stays until the other
/// has said that it knows: what it asked before must not look like a new one. Belongs to the place, which locks.
/// </summary>
internal sealed class AcceptedTable(NodePlace place, Arrivals arrivals)
{
    private readonly Dictionary<string, Conversation> _bySender = new(StringComparer.Ordinal);
    private long _uses;

    /// <summary>All of them, closed ones included.</summary>
    public IReadOnlyCollection<Conversation> All => _bySender.Values;

    /// <summary>The conversation with a sender, or null.</summary>
    public Conversation? Find(string sender) => _bySender.GetValueOrDefault(sender);

    /// <summary>Gives a request to the conversation with its sender, or to a new one if one may begin, which is told as begun.</summary>
    /// <returns>Why not; null if it was given.</returns>
    public string? Deliver(string sender, RequestId id, Payload data, bool mayBegin, out Conversation? begun)
    {
        begun = null;
        var conversation = Find(sender);
        if (conversation is { IsClosed: true })
        {
            return FlicErrors.NodeLost;
        }

        if (conversation is null && !mayBegin)
        {
            return FlicErrors.UnknownNode;
        }

        conversation ??= begun = Begin(sender, default);
        var request = new Envelope { Kind = EnvelopeKind.Request, Id = id, From = conversation?.Peer.Name, Payload = data };
        if (conversation is null || !conversation.Inbox.TryAdd(request))
        {
            return FlicErrors.Overloaded;
        }

        conversation.Waiting++;
        Touch(conversation);
        return null;
    }

    /// <summary>Begins one; null when there are too many.</summary>
    public Conversation? Begin(string sender, ReadOnlyMemory<byte> epoch)
    {
        if (!arrivals.Accepted.TryTake() && !(TryMakeRoom() && arrivals.Accepted.TryTake()))
        {
            arrivals.Report(new LinkException(
                LinkError.Overloaded, $"A connection from the node {Shown.Text(sender)} was refused: {arrivals.Options.MaxConnections} are already open."));
            return null;
        }

        ForgetClosed();
        var conversation = new Conversation(place, sender, epoch, isDialled: false, arrivals.Accepted, arrivals.MakeInbox());
        Touch(conversation);
        _bySender[sender] = conversation;
        if (arrivals.TryYield(conversation))
        {
            return conversation;
        }

        _bySender.Remove(sender);
        conversation.Abort(null);
        return null;
    }

    /// <summary>Notes that a conversation is in use.</summary>
    public void Touch(Conversation conversation)
    {
        conversation.LastUse = ++_uses;
        conversation.LastAsked = arrivals.Options.TimeProvider.GetTimestamp();
    }

    /// <summary>Forgets one, if it is still the one of its sender.</summary>
    public void Remove(Conversation conversation)
    {
        if (_bySender.GetValueOrDefault(conversation.Other) == conversation)
        {
            _bySender.Remove(conversation.Other);
        }
    }

    /// <summary>The conversation that was not used for longest: perhaps nobody is there any more.</summary>
    public Conversation? FindDoubtful() => _bySender.Values.Where(conversation => !conversation.IsClosed).MinBy(conversation => conversation.LastUse);

    /// <summary>
    /// An original bridge does not say when a node has gone: the one that is no Link and was not used for longest ends, if it waits for nothing, or has waited for
    /// so long that it cannot hope for an answer.
    /// </summary>
    private bool TryMakeRoom()
    {
        var oldest = _bySender.Values.Where(MayMakeRoom).MinBy(conversation => conversation.LastUse);
        if (oldest is null)
        {
            return false;
        }

        _bySender.Remove(oldest.Other);
        oldest.IsClosed = true;
        oldest.Inbox.End(null);
        oldest.ReleaseLimit();
        return true;
    }

    private bool MayMakeRoom(Conversation conversation) => conversation is { IsClosed: false, Epoch.IsEmpty: true } &&
        (conversation.Waiting == 0 || arrivals.Options.TimeProvider.GetElapsedTime(conversation.LastAsked) > arrivals.Options.TellTimeout);

    /// <summary>Diallers that never say that they know of the end must not fill the table.</summary>
    private void ForgetClosed()
    {
        if (_bySender.Count >= 2L * arrivals.Accepted.Max)
        {
            foreach (var closed in _bySender.Values.Where(conversation => conversation.IsClosed).ToArray())
            {
                _bySender.Remove(closed.Other);
            }
        }
    }
}

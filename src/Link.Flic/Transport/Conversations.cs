using System.Diagnostics.CodeAnalysis;
using Link.Abstractions;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>
/// The conversations of one <see cref="NodePlace"/>, and what is not answered in them. All state is here and changes under one lock; nothing is
/// written here. Safe for concurrent use.
/// </summary>
internal sealed class Conversations
{
    private readonly Lock _gate = new();
    private readonly AcceptedTable _accepted;
    private readonly DialledTable _dialled;
    private readonly ExpectedAnswers _expected;
    private readonly bool _accepts;
    private bool _mayBegin = true;

    public Conversations(NodePlace place, bool accepts, Arrivals arrivals)
    {
        _accepts = accepts;
        _accepted = new AcceptedTable(place, arrivals);
        _dialled = new DialledTable(place, arrivals);
        _expected = new ExpectedAnswers(arrivals.Options.MaxPendingTells);
    }

    private bool MayAccept => _accepts && _mayBegin;

    private IEnumerable<Conversation> Live => _dialled.All.Concat(_accepted.All.Where(conversation => !conversation.IsClosed));

    /// <summary>Lets none begin any more.</summary>
    public void Refuse()
    {
        lock (_gate)
        {
            _mayBegin = false;
        }
    }

    /// <summary>Joins the attempt to begin one with a peer.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="live">The one that there is already.</param>
    /// <param name="isNew">Whether the attempt is to be made by the caller.</param>
    /// <returns>Null when there is one already, or none may begin.</returns>
    /// <exception cref="LinkException">There are too many.</exception>
    public Dial? Join(string peer, out Conversation? live, out bool isNew)
    {
        lock (_gate)
        {
            isNew = false;
            live = _mayBegin ? _dialled.Find(peer) : null;
            if (live is not null || !_mayBegin)
            {
                return null;
            }

            var dial = _dialled.Join(peer, out isNew);
            if (isNew)
            {
                _expected.ExpectEnd(dial.Conversation);
            }

            return dial;
        }
    }

    /// <summary>Gives up waiting for an attempt.</summary>
    /// <returns>False when it has ended.</returns>
    public bool TryLeave(Dial dial)
    {
        lock (_gate)
        {
            if (dial.Outcome.IsCompleted)
            {
                return false;
            }

            if (--dial.Waiters == 0)
            {
                Fail(dial, dial.Conversation.Closed());
            }

            return true;
        }
    }

    /// <summary>The peer of an attempt is there: the one with this epoch, if there is one.</summary>
    public void Establish(ReadOnlyMemory<byte> epoch)
    {
        lock (_gate)
        {
            if (_dialled.FindAttempt(epoch) is { } dial)
            {
                _dialled.Establish(dial);
            }
        }
    }

    /// <summary>Ends the attempt that a conversation comes of.</summary>
    /// <returns>False when it has ended before.</returns>
    public bool TryFail(Conversation conversation, LinkException cause)
    {
        lock (_gate)
        {
            if (_dialled.FindAttempt(conversation) is not { } dial)
            {
                return false;
            }

            Fail(dial, cause);
            return true;
        }
    }

    /// <summary>Remembers a request; gives the id for its frame.</summary>
    /// <exception cref="LinkException">The conversation is closed.</exception>
    public RequestId Ask(Conversation conversation, RequestId id, out OpenRequest? forgotten)
    {
        lock (_gate)
        {
            if (conversation.IsClosed)
            {
                throw conversation.Closed();
            }

            var frame = _expected.Add(new OpenRequest(conversation, id), out forgotten);
            conversation.Waiting++;
            return frame;
        }
    }

    /// <summary>Whose answer this is: that to a request, or to the TELL that tells of an end.</summary>
    public bool TryTakeAnswered(RequestId frame, out OpenRequest request, [NotNullWhen(true)] out Conversation? conversation)
    {
        lock (_gate)
        {
            return _expected.TryTake(frame, out request, out conversation);
        }
    }

    /// <summary>One request fewer waits.</summary>
    public void Answered(Conversation conversation)
    {
        lock (_gate)
        {
            conversation.Waiting = Math.Max(0, conversation.Waiting - 1);
        }
    }

    /// <summary>Gives a request to the conversation with its sender, or to a new one. What is to be watched: as in <see cref="Accept"/>.</summary>
    /// <returns>Why not; null if it was given.</returns>
    public string? Deliver(string sender, RequestId id, Payload data, out Conversation? toWatch)
    {
        lock (_gate)
        {
            var refusal = _accepted.Deliver(sender, id, data, MayAccept, out toWatch);
            toWatch ??= refusal == FlicErrors.Overloaded && _accepted.Find(sender) is null ? _accepted.FindDoubtful() : null;
            ExpectEnd(toWatch);
            return refusal;
        }
    }

    /// <summary>Begins a conversation that a node of Link asks for; an earlier one with it has ended then.</summary>
    /// <param name="sender">The node.</param>
    /// <param name="openId">What is to be answered when this side ends it.</param>
    /// <param name="epoch">What the node calls it.</param>
    /// <param name="toWatch">The conversation that is to be watched: the new one, or if there is no room one that perhaps has nobody at its other end.</param>
    /// <returns>Why not; null if it has begun.</returns>
    public string? Accept(string sender, ReadOnlyMemory<byte> openId, ReadOnlyMemory<byte> epoch, out Conversation? toWatch)
    {
        lock (_gate)
        {
            toWatch = null;
            if (!MayAccept)
            {
                return FlicErrors.UnknownNode;
            }

            if (_accepted.Find(sender) is { } earlier)
            {
                Detach(earlier);
                earlier.Inbox.End(null);
            }

            var begun = _accepted.Begin(sender, epoch);
            begun?.EndId = openId;
            ExpectEnd(toWatch = begun ?? _accepted.FindDoubtful());
            return begun is null ? FlicErrors.Overloaded : null;
        }
    }

    /// <summary>The node at the other end of a dialled conversation watches it.</summary>
    /// <param name="peer">The node.</param>
    /// <param name="watchId">What is to be answered at the end.</param>
    /// <param name="epoch">Which conversation.</param>
    /// <returns>What is to be answered now: an earlier one, or this if there is no such conversation; empty for nothing.</returns>
    public ReadOnlyMemory<byte> Watched(string peer, ReadOnlyMemory<byte> watchId, ReadOnlyMemory<byte> epoch)
    {
        Establish(epoch);
        lock (_gate)
        {
            if (_dialled.Find(peer) is not { } conversation || !conversation.Epoch.Span.SequenceEqual(epoch.Span))
            {
                return watchId;
            }

            var earlier = conversation.EndId;
            conversation.EndId = watchId;
            return earlier;
        }
    }

    /// <summary>Closes a conversation from this side. One whose other end does not know that stays in the table until it does.</summary>
    /// <returns>What is to be answered, so that it knows; empty for nothing.</returns>
    public ReadOnlyMemory<byte> Close(Conversation conversation)
    {
        lock (_gate)
        {
            if (!conversation.IsClosed && !conversation.Peer.IsDialled && !conversation.Epoch.IsEmpty)
            {
                conversation.IsClosed = true;
                return conversation.TakeEndId();
            }

            return conversation.IsClosed ? default : Detach(conversation);
        }
    }

    /// <summary>A conversation has ended at its other end, or with it.</summary>
    /// <returns>As <see cref="Close"/>.</returns>
    public ReadOnlyMemory<byte> End(Conversation conversation)
    {
        lock (_gate)
        {
            return Detach(conversation);
        }
    }

    /// <summary>Closes the conversations in which nobody waits.</summary>
    public IReadOnlyList<(Conversation Conversation, ReadOnlyMemory<byte> EndId)> CloseIdle()
    {
        lock (_gate)
        {
            return [.. Live.Where(conversation => conversation.Waiting == 0).ToArray().Select(conversation => (conversation, Detach(conversation)))];
        }
    }

    /// <summary>Whether there is none, and none can begin.</summary>
    public bool AreOver()
    {
        lock (_gate)
        {
            return !_mayBegin && !Live.Any() && _dialled.Attempts.Count == 0;
        }
    }

    /// <summary>Closes all, because there is no bridge any more.</summary>
    public void EndAll(LinkException? failure)
    {
        lock (_gate)
        {
            _mayBegin = false;
            foreach (var dial in _dialled.Attempts.ToArray())
            {
                Fail(dial, (failure ?? dial.Conversation.Closed()).For(RequestFate.NotSent));
            }

            foreach (var conversation in Live.ToArray())
            {
                Detach(conversation);
                conversation.Inbox.End(failure);
            }
        }
    }

    private void ExpectEnd(Conversation? conversation)
    {
        if (conversation is not null)
        {
            _expected.ExpectEnd(conversation);
            _accepted.Touch(conversation);
        }
    }

    private void Fail(Dial dial, LinkException cause)
    {
        _expected.Forget(dial.Conversation);
        _dialled.Fail(dial, cause);
    }

    private ReadOnlyMemory<byte> Detach(Conversation conversation)
    {
        conversation.IsClosed = true;
        _expected.Forget(conversation);
        _dialled.Remove(conversation);
        _accepted.Remove(conversation);
        return conversation.TakeEndId();
    }
}

using Link.Abstractions;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>
/// The conversations that one <see cref="NodePlace"/> began, one for each peer, and the attempts to begin one. Belongs to the place, which locks.
/// </summary>
internal sealed class DialledTable(NodePlace place, Arrivals arrivals)
{
    private readonly Dictionary<string, Conversation> _live = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dial> _attempts = new(StringComparer.Ordinal);

    /// <summary>Those that are established.</summary>
    public IReadOnlyCollection<Conversation> All => _live.Values;

    /// <summary>Those that are not yet.</summary>
    public IReadOnlyCollection<Dial> Attempts => _attempts.Values;

    /// <summary>The live conversation with a peer, or null.</summary>
    public Conversation? Find(string peer) => _live.GetValueOrDefault(peer);

    /// <summary>Joins the attempt under way, or makes a new one.</summary>
    /// <exception cref="LinkException">There are too many conversations.</exception>
    public Dial Join(string peer, out bool isNew)
    {
        isNew = !_attempts.TryGetValue(peer, out var dial);
        if (dial is null)
        {
            if (!arrivals.Dialled.TryTake())
            {
                throw new LinkException(LinkError.Overloaded, $"{peer} was not dialled: {arrivals.Options.MaxConnections} connections are already open.");
            }

            dial = new Dial(new Conversation(place, peer, FrameId.New(), isDialled: true, arrivals.Dialled, arrivals.MakeInbox()));
            _attempts[peer] = dial;
        }

        dial.Waiters++;
        return dial;
    }

    /// <summary>The attempt that a conversation comes of, or null.</summary>
    public Dial? FindAttempt(Conversation conversation) =>
        _attempts.GetValueOrDefault(conversation.Other) is { } dial && dial.Conversation == conversation ? dial : null;

    /// <summary>The attempt with this epoch, or null.</summary>
    public Dial? FindAttempt(ReadOnlyMemory<byte> epoch) => _attempts.Values.FirstOrDefault(dial => dial.Conversation.Epoch.Span.SequenceEqual(epoch.Span));

    /// <summary>The peer of an attempt is there.</summary>
    public void Establish(Dial dial)
    {
        var conversation = dial.Conversation;
        _attempts.Remove(conversation.Other);
        if (!arrivals.TryYield(conversation))
        {
            conversation.Abort(null);
            dial.Fail(new LinkException(LinkError.Disposed, "The transport has been disposed."));
            return;
        }

        _live[conversation.Other] = conversation;
        dial.Succeed();
    }

    /// <summary>Ends an attempt.</summary>
    public void Fail(Dial dial, LinkException cause)
    {
        _attempts.Remove(dial.Conversation.Other);
        dial.Conversation.Abort(cause);
        dial.Fail(cause);
    }

    /// <summary>Forgets a conversation, if it is still the one with its peer.</summary>
    public void Remove(Conversation conversation)
    {
        if (_live.GetValueOrDefault(conversation.Other) == conversation)
        {
            _live.Remove(conversation.Other);
        }
    }
}

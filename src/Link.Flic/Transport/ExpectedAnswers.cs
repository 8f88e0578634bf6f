using System.Diagnostics.CodeAnalysis;
using Link.Abstractions;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>A request that was told to a node and has no answer yet.</summary>
/// <param name="Conversation">Where its reply belongs.</param>
/// <param name="Id">The id its caller gave it.</param>
internal readonly record struct OpenRequest(Conversation Conversation, RequestId Id);

/// <summary>
/// What one <see cref="NodePlace"/> expects answers to, by the id of the frames: requests, and the TELLs whose answer is the end of a conversation.
/// Bounded: a caller that has given a request up does not say so here, and
/// an original may never answer, so beyond the bound the oldest request is forgotten. Not safe for concurrent use.
/// </summary>
/// <param name="max">How many are remembered.</param>
internal sealed class ExpectedAnswers(int max)
{
    // A bridge of Link remembers no longer ones.
    private const int LongestId = 256;

    private readonly Dictionary<RequestId, LinkedListNode<(RequestId Key, OpenRequest Request)>> _byKey = [];
    private readonly LinkedList<(RequestId Key, OpenRequest Request)> _oldestFirst = [];
    private readonly Dictionary<RequestId, Conversation> _ends = [];

    /// <summary>Remembers a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="forgotten">The one that is forgotten for it.</param>
    /// <returns>The id for its frame: its own, unless that is in use, missing or long.</returns>
    public RequestId Add(OpenRequest request, out OpenRequest? forgotten)
    {
        forgotten = null;
        if (_byKey.Count >= max)
        {
            var oldest = _oldestFirst.First!.Value;
            Remove(oldest.Key, out _);
            forgotten = oldest.Request;
        }

        var id = request.Id;
        var key = id.Canonical();
        if (id.IsMissing || id.Json.Length > LongestId || _byKey.ContainsKey(key))
        {
            id = key = RequestId.FromJson(FrameId.New());
        }

        _byKey[key] = _oldestFirst.AddLast((key, request));
        return id;
    }

    /// <summary>Has a new TELL, and no earlier one, tell of the end of a conversation.</summary>
    public void ExpectEnd(Conversation conversation)
    {
        _ends.Remove(conversation.ControlId);
        conversation.ControlId = RequestId.FromJson(FrameId.New());
        _ends[conversation.ControlId] = conversation;
    }

    /// <summary>Takes out what a frame expects, however its id is written.</summary>
    /// <param name="frame">The id of the frame.</param>
    /// <param name="request">The request; without a conversation if it is an end that is told.</param>
    /// <param name="conversation">The conversation.</param>
    public bool TryTake(RequestId frame, out OpenRequest request, [NotNullWhen(true)] out Conversation? conversation)
    {
        var key = frame.Canonical();
        conversation = Remove(key, out request) ? request.Conversation : null;
        return conversation is not null || _ends.Remove(key, out conversation);
    }

    /// <summary>Forgets all that a conversation expects.</summary>
    public void Forget(Conversation conversation)
    {
        _ends.Remove(conversation.ControlId);
        if (!conversation.Peer.IsDialled || conversation.Waiting == 0)
        {
            // It has asked nothing: nobody is to pay for how much others have.
            return;
        }

        for (var node = _oldestFirst.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Request.Conversation == conversation)
            {
                Remove(node.Value.Key, out _);
            }

            node = next;
        }
    }

    private bool Remove(RequestId key, out OpenRequest request)
    {
        if (!_byKey.Remove(key, out var node))
        {
            request = default;
            return false;
        }

        request = node.Value.Request;
        _oldestFirst.Remove(node);
        return true;
    }
}

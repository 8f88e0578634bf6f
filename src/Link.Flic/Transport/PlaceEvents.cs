using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Json;
using Link.Flic.Frames;
using Link.Logging;

namespace Link.Flic;

/// <summary>What comes in at a <see cref="NodePlace"/> (SPEC.md, "flic: a Server over a bridge").</summary>
internal sealed class PlaceEvents(NodePlace place, Arrivals arrivals) : INodeEvents
{
    // Kept with the connection: a peer must not decide how much that is.
    private const int LongestEpoch = 64;

    private Conversations Conversations => place.Conversations;

    /// <inheritdoc/>
    public void OnRegistered(NodeLink link) => place.OnRegistered(link);

    /// <inheritdoc/>
    public void OnTell(string sender, ReadOnlyMemory<byte> id, string name, ReadOnlyMemory<byte> arguments)
    {
        var items = new JsonItems(arguments);
        var first = items.Take();
        switch (name)
        {
            case PlaceFrames.Message:
                Deliver(sender, id, first);
                break;
            case PlaceFrames.Open when IsEpoch(items):
                Open(sender, id, first);
                break;
            case PlaceFrames.Watch when IsEpoch(items):
                place.Answer(JsonText.Quote(sender), Conversations.Watched(sender, id, first), null);
                place.Settle();
                break;
            case PlaceFrames.Echo when sender == place.Name:
                Conversations.Establish(first);
                place.Answer(JsonText.Quote(sender), id, null);
                place.Settle();
                break;
            default:
                place.Answer(JsonText.Quote(sender), id, FlicErrors.UnknownEvent);
                arrivals.Report(new LinkException(
                    LinkError.ProtocolViolation,
                    $"The node {Shown.Text(sender)} told {place.Name} of the event {Shown.Text(name)}: only {PlaceFrames.Message} is listened to here.",
                    peer: place.Bridge));
                break;
        }
    }

    /// <inheritdoc/>
    public void OnShout(string name, ReadOnlyMemory<byte> data)
    {
        // Nobody waits for an answer, and no request is for everybody.
    }

    /// <inheritdoc/>
    public void OnAnswer(ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> arguments)
    {
        if (!Conversations.TryTakeAnswered(RequestId.FromJson(id), out var request, out var conversation))
        {
            // Of a request that was given up, or answered before: the originals allow that.
            return;
        }

        var error = ReplyMapping.ErrorText(arguments);
        if (request.Conversation is null)
        {
            TakeEnd(conversation, error, ReplyMapping.IsSuccess(arguments));
        }
        else if (error == FlicErrors.NodeLost)
        {
            place.End(conversation, Gone(conversation, LinkError.ConnectionLost, error));
        }
        else if (ReplyMapping.FailureOf(error, conversation.Peer) is { } failure)
        {
            TakeReply(request, ReplyMapping.Failed(request.Id, failure));
            if (error == FlicErrors.UnknownNode)
            {
                place.End(conversation, Gone(conversation, LinkError.NoSuchPeer, error));
            }
        }
        else
        {
            TakeReply(request, ReplyMapping.Read(request.Id, arguments));
        }
    }

    /// <inheritdoc/>
    public void OnClose(ReadOnlyMemory<byte> parting) => place.OnBridgeCloses();

    /// <inheritdoc/>
    public void OnFault(LinkException fault) => arrivals.Report(fault);

    /// <inheritdoc/>
    public void OnEnded(NodeLink link, LinkException? cause) => place.OnEnded(link, cause);

    private static bool IsEpoch(in JsonItems items) => items.Kind == JsonTokenType.String && items.Current.Length <= LongestEpoch;

    private void Deliver(string sender, ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> data)
    {
        var refusal = Conversations.Deliver(sender, RequestId.FromJson(id), new Payload(data), out var toWatch);
        if (toWatch is not null)
        {
            place.Watch(toWatch);
        }

        if (refusal is not null)
        {
            place.Answer(JsonText.Quote(sender), id, refusal);
        }
    }

    private void Open(string sender, ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> epoch)
    {
        var refusal = Conversations.Accept(sender, id, epoch, out var toWatch);
        if (toWatch is not null)
        {
            place.Watch(toWatch);
        }

        if (refusal is not null)
        {
            place.Answer(JsonText.Quote(sender), id, refusal);
        }
    }

    /// <summary>The TELL that began a conversation, or that watches it, was answered: it has ended, unless the answer is that of another program.</summary>
    private void TakeEnd(Conversation conversation, string? error, bool isSuccess)
    {
        LinkException? failure = error switch
        {
            // A plain node that waits for nothing has simply gone.
            FlicErrors.UnknownNode or FlicErrors.NodeLost when conversation is { Peer.IsDialled: false, Epoch.IsEmpty: true, Waiting: 0 } => null,
            FlicErrors.UnknownNode or FlicErrors.NodeLost => Gone(conversation, LinkError.ConnectionLost, error),
            FlicErrors.Overloaded => new LinkException(
                LinkError.Overloaded, $"{conversation.Peer} has as many connections as it allows.", RequestFate.Unknown, conversation.Peer),
            _ => null,
        };
        if (failure is null && !isSuccess && error is not (FlicErrors.UnknownNode or FlicErrors.NodeLost))
        {
            // A node that listens to no such event.
            Conversations.Establish(conversation.Epoch);
            place.Settle();
            return;
        }

        var refusal = error == FlicErrors.UnknownNode
            ? new LinkException(LinkError.NoSuchPeer, $"No node is called {conversation.Other} at {place.Bridge}.", peer: conversation.Peer)
            : (failure ?? conversation.Closed()).For(RequestFate.NotSent);
        if (Conversations.TryFail(conversation, refusal))
        {
            place.Settle();
        }
        else
        {
            place.End(conversation, failure);
        }
    }

    private void TakeReply(in OpenRequest request, in Envelope reply)
    {
        var conversation = request.Conversation;
        if (!conversation.Inbox.TryAdd(reply) && !conversation.IsClosed)
        {
            place.End(conversation, new LinkException(
                LinkError.Overloaded,
                $"The replies of {conversation.Peer} are not read: as many wait as are allowed; the connection is closed.",
                RequestFate.Unknown,
                conversation.Peer));
        }

        place.Count(conversation);
    }

    private static LinkException Gone(Conversation conversation, LinkError error, string why) =>
        new(error, $"{conversation.Peer} is gone: {why}.", RequestFate.Unknown, conversation.Peer);
}

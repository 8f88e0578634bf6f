using System.Text;
using Link.Abstractions;
using Link.Abstractions.Json;
using Link.Flic.Frames;
using Link.Streams;

namespace Link.Flic;

/// <summary>
/// The frames of a <see cref="NodePlace"/> (SPEC.md, "flic: a Server over a bridge"). The names of Link's own events hold a colon, so that nobody can
/// tell them with flic's own API.
/// </summary>
internal static class PlaceFrames
{
    /// <summary>The event of requests.</summary>
    public const string Message = "message";

    /// <summary>Begins a conversation; answered when the acceptor ends it.</summary>
    public const string Open = "link:open";

    /// <summary>The acceptor watches the dialler; answered when the dialler ends the conversation.</summary>
    public const string Watch = "link:watch";

    /// <summary>A dialler tells itself: when it comes back, the bridge has handled the TELL before it.</summary>
    public const string Echo = "link:echo";

    /// <summary>Writes a request, unless the conversation is closed.</summary>
    public static readonly FrameEncoder<(NodeLink Link, Conversation Conversation, ReadOnlyMemory<byte> Id, Payload Payload)> EncodeRequest =
        static (output, request) =>
        {
            ThrowIfClosed(request.Conversation);
            OutgoingFrame.Begin(output, request.Id.Span, FlicMethod.Tell);
            output.Write(request.Conversation.QuotedOther.Span);
            output.Write(",\"message\",["u8);
            output.Write(request.Payload.IsEmpty ? "{}"u8 : request.Payload.Utf8.Span);
            output.Write("]"u8);
            OutgoingFrame.End(output, request.Link.QuotedName.Span);
        };

    /// <summary>Writes the reply to a request, unless the conversation is closed.</summary>
    public static readonly FrameEncoder<(NodeLink Link, Conversation Conversation, Envelope Reply)> EncodeReply =
        static (output, answer) =>
        {
            ThrowIfClosed(answer.Conversation);
            OutgoingFrame.Begin(output, [], FlicMethod.Ack);
            output.Write(answer.Conversation.QuotedOther.Span);
            output.Write(","u8);
            output.Write(answer.Reply.Id.IsMissing ? "null"u8 : answer.Reply.Id.Json.Span);
            output.Write(answer.Reply.Success ? ",[null,"u8 : ",["u8);
            output.Write(answer.Reply.Payload.Utf8.Span);
            output.Write("]"u8);
            OutgoingFrame.End(output, answer.Link.QuotedName.Span);
        };

    /// <summary>A TELL of one of Link's own events.</summary>
    public static OutgoingFrame Control(ReadOnlyMemory<byte> target, ReadOnlyMemory<byte> id, string name, ReadOnlyMemory<byte> epoch) => new()
    {
        Method = FlicMethod.Tell,
        Id = id,
        First = target,
        Second = JsonText.Quote(name),
        Third = Encoding.UTF8.GetBytes($"[{new Payload(epoch)}]"),
    };

    /// <summary>The TELL to the other end whose answer is the end of a conversation.</summary>
    public static OutgoingFrame Control(Conversation conversation, string name) =>
        Control(conversation.QuotedOther, conversation.ControlId.Json, name, conversation.Epoch);

    /// <summary>The arguments of an answer that is an error.</summary>
    public static ReadOnlyMemory<byte> ErrorOf(string error) => Encoding.UTF8.GetBytes($"[\"{error}\"]");

    // Here, under the writer's lock, so that nothing can follow what tells the other end that this was the end.
    private static void ThrowIfClosed(Conversation conversation)
    {
        if (conversation.IsClosed)
        {
            throw conversation.Closed();
        }
    }
}

using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>
/// Makes the reply object of ipc-link of what a node answered: first an error or nothing, then a value (SPEC.md, "flic: a Server over a bridge").
/// </summary>
internal static class ReplyMapping
{
    /// <summary>The text of an error that is a string, or null.</summary>
    public static string? ErrorText(ReadOnlyMemory<byte> arguments)
    {
        var items = new JsonItems(arguments);
        return items.MoveNext() && items.Kind == JsonTokenType.String ? JsonText.Unquote(items.Current.Span) : null;
    }

    /// <summary>Whether the first argument says that nothing went wrong, as JavaScript understands it.</summary>
    public static bool IsSuccess(ReadOnlyMemory<byte> arguments)
    {
        var items = new JsonItems(arguments);
        items.MoveNext();
        return Answer.IsNone(items.Kind, items.Current.Span);
    }

    /// <summary>Why a request failed that was not answered by the one who was asked; null when it was.</summary>
    /// <param name="error">The text of the error, or null.</param>
    /// <param name="peer">Who was asked.</param>
    public static LinkException? FailureOf(string? error, Peer peer) => error switch
    {
        FlicErrors.UnknownNode => new(LinkError.NoSuchPeer, $"{peer} is not registered any more.", peer: peer),
        FlicErrors.Overloaded => new(LinkError.Overloaded, $"{peer} has too much to do already.", peer: peer),
        FlicErrors.TooLarge => new(LinkError.TooLarge, $"The message is larger than {peer} can read, an original of flic.", peer: peer),
        FlicErrors.AnswerTooLarge => new(LinkError.TooLarge, $"The reply of {peer} is larger than this node can be sent.", RequestFate.Unknown, peer),
        _ => null,
    };

    /// <summary>The reply that is none, because the request failed.</summary>
    public static Envelope Failed(RequestId id, LinkException failure) => new() { Kind = EnvelopeKind.Reply, Id = id, Failure = failure };

    /// <summary>Reads an answer.</summary>
    /// <param name="id">The id of the request.</param>
    /// <param name="arguments">The arguments of the answer, a JSON array; empty for none.</param>
    public static Envelope Read(RequestId id, ReadOnlyMemory<byte> arguments)
    {
        var isSuccess = IsSuccess(arguments);
        var items = new JsonItems(arguments);
        items.MoveNext();
        if (isSuccess)
        {
            items.MoveNext();
        }

        if (items.Kind == JsonTokenType.StartObject)
        {
            return FromObject(id, isSuccess, items.Current);
        }

        using var text = new PooledBuffer();
        Begin(text, id, isSuccess);
        if (isSuccess)
        {
            Append(text, "data"u8, items.Current.Span);
        }
        else
        {
            AppendError(text, items);
        }

        text.Write("}"u8);
        return Reply(id, isSuccess, text.WrittenSpan.ToArray());
    }

    private static Envelope FromObject(RequestId id, bool isSuccess, ReadOnlyMemory<byte> value)
    {
        JsonTokenType? success = null;
        var hasId = false;
        var isEmpty = true;
        var members = new JsonMembers(value.Span);
        for (members.TryEnter(); members.Next(); isEmpty = false)
        {
            success = members.NameIs("success"u8) ? members.ValueType : success;
            hasId |= members.NameIs("id"u8);
        }

        if (success is { } type)
        {
            return Reply(id, type == JsonTokenType.True, value);
        }

        // As in any reply, an id among the data stands in place of the request's.
        using var text = new PooledBuffer();
        Begin(text, hasId ? default : id, isSuccess);
        text.Write(isEmpty ? "}"u8 : ","u8);
        text.Write(isEmpty ? [] : value.Span[1..]);
        return Reply(id, isSuccess, text.WrittenSpan.ToArray());
    }

    private static void AppendError(PooledBuffer text, in JsonItems error)
    {
        if (error.Kind != JsonTokenType.String)
        {
            Append(text, "error"u8, error.Current.Span);
        }
        else if (Explain(JsonText.Unquote(error.Current.Span)) is { } explanation)
        {
            Append(text, "code"u8, error.Current.Span);
            Append(text, "message"u8, JsonText.Quote(explanation));
        }
        else
        {
            Append(text, "message"u8, error.Current.Span);
        }
    }

    /// <summary>What the errors of Link's nodes mean; null for any other.</summary>
    private static string? Explain(string error) => error switch
    {
        FlicErrors.UnknownEvent => "The node listens to no messages.",
        FlicErrors.HandlerFailed => "The handler failed.",
        _ => null,
    };

    private static void Begin(PooledBuffer text, RequestId id, bool isSuccess)
    {
        text.Write(isSuccess ? "{\"success\":true"u8 : "{\"success\":false"u8);
        Append(text, "id"u8, id.Json.Span);
    }

    /// <summary>Appends a member, unless it has no value.</summary>
    private static void Append(PooledBuffer text, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return;
        }

        text.Write(",\""u8);
        text.Write(name);
        text.Write("\":"u8);
        text.Write(value);
    }

    private static Envelope Reply(RequestId id, bool isSuccess, ReadOnlyMemory<byte> reply) =>
        new() { Kind = EnvelopeKind.Reply, Id = id, Success = isSuccess, Payload = new Payload(reply) };
}

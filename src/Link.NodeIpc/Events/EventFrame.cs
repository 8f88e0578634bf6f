using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;
using Link.NodeIpc.Frames;

namespace Link.NodeIpc.Events;

/// <summary>Writes and reads messages as node-ipc does (SPEC.md, "The event API"), without the delimiter.</summary>
internal static class EventFrame
{
    /// <summary>Appends the message.</summary>
    /// <exception cref="LinkException">The data cannot be written (<see cref="LinkError.InvalidData"/>).</exception>
    public static void Write(PooledBuffer output, string type, object? data, IPayloadSerializer serializer)
    {
        output.Write("{\"type\":"u8);
        JsonText.WriteQuoted(output, type);
        output.Write(",\"data\":"u8);
        var start = output.Length;
        WriteData(output, data, serializer);
        if (output.WrittenSpan[start..] is [] or [(byte)'"', (byte)'"'] || output.WrittenSpan[start..].SequenceEqual("null"u8))
        {
            // The original takes null, the empty text and what is no number for nothing at all.
            output.Truncate(start);
            output.Write("{}"u8);
        }

        output.Write("}"u8);
    }

    /// <summary>Reads the content of a frame.</summary>
    /// <param name="frame">The content, not empty.</param>
    /// <param name="type">The type, when there is one.</param>
    /// <param name="data">The JSON text of the data; empty when there are none.</param>
    /// <returns>False when it is JSON but no message.</returns>
    /// <exception cref="JsonException">The frame is malformed.</exception>
    public static bool TryRead(ReadOnlySpan<byte> frame, out string type, out Range data)
    {
        type = "";
        data = default;
        if (!Utf8.IsValid(frame))
        {
            throw new JsonException("The frame is not valid UTF-8.");
        }

        if (!TypedFrame.TryRead(frame, extraDepth: 1, out var members))
        {
            return false;
        }

        data = members.Data;
        type = members.TypeKind switch
        {
            JsonTokenType.String => JsonText.Unquote(frame[members.Type]),
            JsonTokenType.Number => Encoding.UTF8.GetString(frame[members.Type]),
            _ => "",
        };
        return members.TypeKind is JsonTokenType.String or JsonTokenType.Number;
    }

    /// <summary>The id that the data tell of their sender, or null: a text that is not empty, or a number that is not 0, and not too long to keep.</summary>
    public static string? IdOf(ReadOnlySpan<byte> data, int longest)
    {
        var walk = new JsonMembers(data);
        if (data.IsEmpty || data[0] != '{' || !walk.TryEnter())
        {
            return null;
        }

        var (kind, place) = (JsonTokenType.None, default(Range));
        while (walk.Next())
        {
            if (walk.NameIs("id"u8))
            {
                (kind, place) = (walk.ValueType, walk.Value);
            }
        }

        var text = data[place];
        return text.Length > longest + (kind == JsonTokenType.String ? 2 : 0) ? null : kind switch
        {
            JsonTokenType.String when text.Length > 2 => JsonText.Unquote(text),
            JsonTokenType.Number when text.IndexOfAnyInRange((byte)'1', (byte)'9') >= 0 => Encoding.UTF8.GetString(text),
            _ => null,
        };
    }

    private static void WriteData(PooledBuffer output, object? data, IPayloadSerializer serializer)
    {
        if (data is not Payload ready)
        {
            serializer.Serialize(output, data);
            return;
        }

        if (!ready.IsEmpty && !JsonText.IsValid(ready.Utf8.Span))
        {
            throw new LinkException(LinkError.InvalidData, "The payload is not one strict JSON value.");
        }

        output.Write(ready.Utf8.Span);
    }
}

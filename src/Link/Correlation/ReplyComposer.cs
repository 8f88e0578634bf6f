using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;

namespace Link;

/// <summary>
/// Makes the reply object <c>{success, id, ...data}</c> (SPEC.md, Two.6-7): members of the data win over the first two and take
/// their places; names that are array indexes come before everything, as JavaScript orders them.
/// </summary>
internal static class ReplyComposer
{
    private const string NotAnObject = "A reply must be an object, unless it is said whether it is a success.";

    private static readonly byte[] True = "true"u8.ToArray();
    private static readonly byte[] False = "false"u8.ToArray();

    /// <summary>Writes the reply object and gives the envelope that carries it.</summary>
    /// <param name="output">Where it is written; to be kept until the envelope has been sent.</param>
    /// <param name="id">The request's id.</param>
    /// <param name="data">JSON text.</param>
    /// <param name="success">What the caller said, or null.</param>
    /// <exception cref="ArgumentException">The data is not JSON in UTF-8, or no object while no success was given.</exception>
    public static Envelope Compose(PooledBuffer output, RequestId id, ReadOnlyMemory<byte> data, bool? success)
    {
        // The walk below does not look into strings, and the peer would close the connection.
        if (!Utf8.IsValid(data.Span))
        {
            throw new ArgumentException("The data of a reply is not UTF-8.", nameof(data));
        }

        try
        {
            var members = new JsonMembers(data.Span);
            if (data.IsEmpty || !members.TryEnter())
            {
                return success is { } said ? Spread(output, id, data, said) : throw new ArgumentException(NotAnObject, nameof(data));
            }

            return Merge(output, data, members, success ?? true, id);
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"The data of a reply is not JSON: {exception.Message}", nameof(data), exception);
        }
    }

    private static Envelope Merge(PooledBuffer output, ReadOnlyMemory<byte> data, JsonMembers members, bool success, RequestId id)
    {
        ReadOnlyMemory<byte> flag = Text(success);
        var plain = true;
        var count = 0;
        for (; members.Next(); count++)
        {
            if (members.NameIs("success"u8))
            {
                flag = data[members.Value];
                plain = false;
            }
            else if (members.NameIs("id"u8))
            {
                id = RequestId.FromJson(data[members.Value]);
                plain = false;
            }
            else if (data.Span[members.Name] is [>= (byte)'0' and <= (byte)'9', ..])
            {
                plain = false;
            }
        }

        WriteHeader(output, flag, id);
        if (plain)
        {
            // Everything after the opening brace follows as it stands, the closing one included.
            var text = data.Span.TrimStart(" \t\r\n"u8)[1..];
            output.Write(count == 0 ? "}"u8 : ","u8);
            output.Write(count == 0 ? [] : text);
            return Envelope(output.WrittenMemory, flag, id);
        }

        WriteOthers(output, data.Span);
        return Ordered(output, flag, id);
    }

    private static void WriteOthers(PooledBuffer output, ReadOnlySpan<byte> data)
    {
        var members = new JsonMembers(data);
        members.TryEnter();
        while (members.Next())
        {
            if (!members.NameIs("success"u8) && !members.NameIs("id"u8))
            {
                WriteMember(output, data[members.Name], data[members.Value]);
            }
        }

        output.Write("}"u8);
    }

    /// <summary>What <c>{...data}</c> makes of data that is no object: elements and characters become members, other values nothing.</summary>
    private static Envelope Spread(PooledBuffer output, RequestId id, ReadOnlyMemory<byte> data, bool success)
    {
        ReadOnlyMemory<byte> flag = Text(success);
        WriteHeader(output, flag, id);
        if (!data.IsEmpty)
        {
            JsonMembers.RequireEnd(data.Span);
            var reader = new Utf8JsonReader(data.Span);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                SpreadArray(output, data.Span, ref reader);
            }
            else if (reader.TokenType == JsonTokenType.String)
            {
                SpreadString(output, JsonText.Unquote(data.Span.Trim(" \t\r\n"u8)));
            }
        }

        output.Write("}"u8);
        return Ordered(output, flag, id);
    }

    private static void SpreadArray(PooledBuffer output, ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
    {
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            WriteMember(output, Name(index), data[start..(int)reader.BytesConsumed]);
        }
    }

    private static void SpreadString(PooledBuffer output, string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            WriteMember(output, Name(index), []);
            JsonText.WriteQuoted(output, text.AsSpan(index, 1));
        }
    }

    private static byte[] Name(int index) => Encoding.ASCII.GetBytes(index.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static void WriteHeader(PooledBuffer output, ReadOnlyMemory<byte> success, RequestId id)
    {
        output.Write("{\"success\":"u8);
        output.Write(success.Span);
        if (!id.IsMissing)
        {
            output.Write(",\"id\":"u8);
            output.Write(id.Json.Span);
        }
    }

    private static void WriteMember(PooledBuffer output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        output.Write(",\""u8);
        output.Write(name);
        output.Write("\":"u8);
        output.Write(value);
    }

    private static Envelope Ordered(PooledBuffer output, ReadOnlyMemory<byte> success, RequestId id)
    {
        var reply = output.WrittenSpan.ToArray();
        MemberOrder.Apply(reply);
        return Envelope(reply, success, id);
    }

    private static Envelope Envelope(ReadOnlyMemory<byte> reply, ReadOnlyMemory<byte> success, RequestId id) => new()
    {
        Kind = EnvelopeKind.Reply,
        Id = id,
        Success = success.Span.SequenceEqual("true"u8),
        Payload = new Payload(reply),
    };

    private static byte[] Text(bool success) => success ? True : False;
}

using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;

namespace Link.Masterless.MessagePack;

/// <summary>
/// Writes JSON text as MessagePack, in the forms that masterless-msgpack writes (SPEC.md, "masterless: MessagePack"). Of a repeated member
/// every one is written: readers take the last.
/// </summary>
internal static class JsonToMessagePack
{
    private const int LongestIndex = 10;

    /// <summary>Appends the value.</summary>
    /// <param name="output">Where to append; on an exception it may hold a part.</param>
    /// <param name="json">Strict JSON text in UTF-8.</param>
    /// <exception cref="JsonException">It is not, or so much longer than what it becomes that no reader of Link would take it.</exception>
    public static void Write(PooledBuffer output, ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new JsonException("The text is not valid UTF-8.");
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MessagePackHead.MaxDepth });
        var start = output.Length;
        reader.Read();
        WriteValue(output, ref reader, json);
        reader.Read();
        if (json.Length > MessagePackToJson.LongestText(output.Length - start))
        {
            throw new JsonException("The text has so many empty buffers that it could not be read again.");
        }
    }

    private static void WriteValue(PooledBuffer output, ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(output, ref reader, json);
                break;
            case JsonTokenType.StartArray:
                WriteArray(output, ref reader, json);
                break;
            case JsonTokenType.String:
                WriteText(output, ref reader, json);
                break;
            case JsonTokenType.Number:
                WriteNumber(output, reader.ValueSpan);
                break;
            case JsonTokenType.True:
                MessagePackForm.WriteByte(output, 0xc3);
                break;
            case JsonTokenType.False:
                MessagePackForm.WriteByte(output, 0xc2);
                break;
            default:
                MessagePackForm.WriteByte(output, 0xc0);
                break;
        }
    }

    private static void WriteArray(PooledBuffer output, ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var start = output.Length;
        MessagePackForm.WriteByte(output, 0);
        var count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            WriteValue(output, ref reader, json);
        }

        MessagePackForm.CompleteArray(output, start, count);
    }

    private static void WriteObject(PooledBuffer output, ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var start = output.Length;
        MessagePackForm.WriteByte(output, 0);
        var places = new MemberPlaces(output.Length);
        var count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndObject; count++)
        {
            // The original writes a byte buffer that is the whole packet in its JSON form.
            if (count == 0 && reader.CurrentDepth > 1 && TryWriteBinary(output, ref reader))
            {
                MessagePackForm.CompleteBinary(output, start);
                return;
            }

            WriteName(output, ref reader, json, ref places);
            reader.Read();
            WriteValue(output, ref reader, json);
        }

        places.Sort(output);
        MessagePackForm.CompleteMap(output, start, count);
    }

    /// <summary>Appends the bytes of <c>{"type":"Buffer","data":[1,2]}</c>, from its first name on; without effect where the object is another.</summary>
    private static bool TryWriteBinary(PooledBuffer output, ref Utf8JsonReader reader)
    {
        if (!Is(reader, "type"u8))
        {
            return false;
        }

        var start = output.Length;
        var ahead = reader;
        if (ahead.Read() && ahead.TokenType == JsonTokenType.String && Is(ahead, "Buffer"u8) &&
            ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName && Is(ahead, "data"u8) &&
            ahead.Read() && ahead.TokenType == JsonTokenType.StartArray)
        {
            while (ahead.Read() && ahead.TokenType == JsonTokenType.Number && ahead.TryGetByte(out var value))
            {
                MessagePackForm.WriteByte(output, value);
            }

            if (ahead.TokenType == JsonTokenType.EndArray && ahead.Read() && ahead.TokenType == JsonTokenType.EndObject)
            {
                reader = ahead;
                return true;
            }
        }

        output.Truncate(start);
        return false;
    }

    private static bool Is(in Utf8JsonReader reader, ReadOnlySpan<byte> text) => !reader.ValueIsEscaped && reader.ValueSpan.SequenceEqual(text);

    private static void WriteName(PooledBuffer output, ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref MemberPlaces places)
    {
        var start = output.Length;
        WriteText(output, ref reader, json);
        var text = output.WrittenSpan[(start + 1)..];
        if (TryReadIndex(text, out var index))
        {
            output.Truncate(start);
            MessagePackForm.WriteInteger(output, index);
            places.AddInteger(start, index);
        }
        else
        {
            places.AddName(start);
        }
    }

    private static bool TryReadIndex(ReadOnlySpan<byte> text, out ulong index)
    {
        index = 0;
        if (text.Length is 0 or > LongestIndex || !char.IsAsciiDigit((char)text[0]))
        {
            return false;
        }

        Span<char> name = stackalloc char[LongestIndex];
        name = name[..System.Text.Encoding.Latin1.GetChars(text, name)];
        return MemberOrder.IsIndex(name) && ulong.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out index);
    }

    private static void WriteText(PooledBuffer output, ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var text = reader.ValueSpan;
        var target = output.GetSpan(MessagePackForm.LongestHead + text.Length);
        if (!reader.ValueIsEscaped)
        {
            var length = MessagePackForm.WriteTextHead(target, text.Length);
            text.CopyTo(target[length..]);
            output.Advance(length + text.Length);
            return;
        }

        // The head is known only afterwards, but it is never longer than that of the escaped text.
        var room = MessagePackForm.WriteTextHead(target, text.Length);
        JsonText.TryUnescape(json[((int)reader.TokenStartIndex + 1)..], target[room..], out _, out var written);
        var head = MessagePackForm.WriteTextHead(target, written);
        if (head != room)
        {
            target.Slice(room, written).CopyTo(target[head..]);
        }

        output.Advance(head + written);
    }

    private static void WriteNumber(PooledBuffer output, ReadOnlySpan<byte> number)
    {
        // What fits no integer fails; of what has a point or an exponent only the beginning is read.
        if (Utf8Parser.TryParse(number, out long signed, out var used) && used == number.Length)
        {
            MessagePackForm.WriteInteger(output, signed);
        }
        else if (used == 0 && Utf8Parser.TryParse(number, out ulong unsigned, out used) && used == number.Length)
        {
            MessagePackForm.WriteInteger(output, unsigned);
        }
        else
        {
            MessagePackForm.WriteNumber(output, double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture));
        }
    }
}

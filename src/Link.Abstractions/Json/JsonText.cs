using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Link.Abstractions.Buffers;

namespace Link.Abstractions.Json;

/// <summary>
/// JSON strings and values as text: escaping as a JavaScript engine does it, strict checking (SPEC.md, "JSON text").
/// </summary>
public static class JsonText
{
    /// <summary>How many levels of arrays and objects a value may have.</summary>
    public const int MaxDepth = 64;

    private const int ChunkLength = 4096;
    private const int ShortLength = 128;
    private const int LongestUtf8 = 3;
    private const int LongestEscape = 6;

    private static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'"', (byte)'\\']);

    private static readonly SearchValues<char> EscapedChars = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(control => (char)control), '"', '\\']);

    /// <summary>Whether the bytes are exactly one strict JSON value in valid UTF-8, at most <see cref="MaxDepth"/> levels deep.</summary>
    public static bool IsValid(ReadOnlySpan<byte> utf8)
    {
        if (!System.Text.Unicode.Utf8.IsValid(utf8))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The string as JSON text, quotes included, in UTF-8.</summary>
    public static byte[] Quote(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        using var buffer = new PooledBuffer();
        WriteQuoted(buffer, text);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the string as JSON text, quotes included; a lone surrogate becomes an escape.</summary>
    public static void WriteQuoted(PooledBuffer output, ReadOnlySpan<char> text)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (text.Length <= ShortLength && TryWriteShort(output, text))
        {
            return;
        }

        output.Write("\""u8);
        while (!text.IsEmpty)
        {
            var run = text.IndexOfAny(EscapedChars);
            run = run < 0 ? text.Length : run;
            WriteRun(output, text[..run]);
            text = text[run..];
            if (!text.IsEmpty)
            {
                output.Advance(WriteEscape(output.GetSpan(LongestEscape), text[0]));
                text = text[1..];
            }
        }

        output.Write("\""u8);
    }

    /// <summary>The string that JSON text in quotes stands for; a lone surrogate escape becomes that surrogate.</summary>
    public static string Unquote(ReadOnlySpan<byte> quoted)
    {
        var content = quoted[1..^1];
        return content.Contains((byte)'\\') ? JsonStringDecoder.Decode(content, Encoding.UTF8) : Encoding.UTF8.GetString(content);
    }

    /// <summary>Appends UTF-8 text as the inside of a JSON string.</summary>
    public static void Escape(ReadOnlySpan<byte> utf8, PooledBuffer output)
    {
        ArgumentNullException.ThrowIfNull(output);
        while (true)
        {
            var run = utf8.IndexOfAny(Escaped);
            if (run < 0)
            {
                output.Write(utf8);
                return;
            }

            var target = output.GetSpan(run + LongestEscape);
            utf8[..run].CopyTo(target);
            output.Advance(run + WriteEscape(target[run..], (char)utf8[run]));
            utf8 = utf8[(run + 1)..];
        }
    }

    /// <summary>
    /// Undoes <see cref="Escape"/>: decodes the inside of a JSON string up to its closing quote.
    /// A lone surrogate escape becomes U+FFFD, since UTF-8 has no other form for it.
    /// </summary>
    /// <param name="content">What follows the opening quote.</param>
    /// <param name="target">At least as long as <paramref name="content"/>.</param>
    /// <param name="read">The bytes read, the closing quote not included.</param>
    /// <param name="written">The bytes written.</param>
    /// <returns>False when the string does not end, or holds a raw control character or a bad escape.</returns>
    public static bool TryUnescape(ReadOnlySpan<byte> content, Span<byte> target, out int read, out int written)
    {
        read = written = 0;
        while (true)
        {
            var rest = content[read..];
            var run = rest.IndexOfAny(Escaped);
            if (run < 0)
            {
                return false;
            }

            rest[..run].CopyTo(target[written..]);
            read += run;
            written += run;
            if (content[read] == '"')
            {
                return true;
            }

            if (content[read] != '\\' || read + 1 >= content.Length)
            {
                return false;
            }

            var plain = PlainEscape(content[read + 1]);
            if (plain != 0)
            {
                target[written++] = plain;
                read += 2;
            }
            else if (!TryDecodeUnicode(content, ref read, target, ref written))
            {
                return false;
            }
        }
    }

    private static bool TryDecodeUnicode(ReadOnlySpan<byte> content, ref int read, Span<byte> target, ref int written)
    {
        if (!TryReadHex(content[read..], out var unit))
        {
            return false;
        }

        read += 6;
        var rune = Rune.ReplacementChar;
        if (char.IsHighSurrogate(unit) && TryReadHex(content[read..], out var low) && char.IsLowSurrogate(low))
        {
            rune = new Rune(unit, low);
            read += 6;
        }
        else if (!char.IsSurrogate(unit))
        {
            rune = new Rune(unit);
        }

        written += rune.EncodeToUtf8(target[written..]);
        return true;
    }

    private static bool TryReadHex(ReadOnlySpan<byte> escape, out char unit)
    {
        unit = '\0';
        if (escape.Length < 6 || escape[0] != '\\' || escape[1] != 'u' ||
            !Utf8Parser.TryParse(escape[2..6], out ushort value, out var used, 'x') || used != 4)
        {
            return false;
        }

        unit = (char)value;
        return true;
    }

    /// <summary>The UTF-16 unit that the escape at the start of the text stands for; U+FFFD when it is none.</summary>
    internal static char DecodeEscape(ReadOnlySpan<byte> escape, out int length)
    {
        if (escape.Length >= 2 && PlainEscape(escape[1]) is var plain and not 0)
        {
            length = 2;
            return (char)plain;
        }

        length = Math.Min(6, escape.Length);
        return TryReadHex(escape, out var unit) ? unit : '\uFFFD';
    }

    private static byte PlainEscape(byte letter) => letter switch
    {
        (byte)'"' or (byte)'\\' or (byte)'/' => letter,
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => 0,
    };

    /// <summary>Writes the escape of one UTF-16 unit, at most six bytes; the bytes written.</summary>
    internal static int WriteEscape(Span<byte> target, char unit)
    {
        target[0] = (byte)'\\';
        var letter = unit switch
        {
            '"' or '\\' => (byte)unit,
            '\b' => (byte)'b',
            '\f' => (byte)'f',
            '\n' => (byte)'n',
            '\r' => (byte)'r',
            '\t' => (byte)'t',
            _ => (byte)0,
        };
        if (letter != 0)
        {
            target[1] = letter;
            return 2;
        }

        target[1] = (byte)'u';
        for (var digit = 0; digit < 4; digit++)
        {
            target[2 + digit] = (byte)"0123456789abcdef"[(unit >> (12 - (4 * digit))) & 15];
        }

        return LongestEscape;
    }

    /// <summary>Writes, in one step, a string that needs no escapes.</summary>
    private static bool TryWriteShort(PooledBuffer output, ReadOnlySpan<char> text)
    {
        var target = output.GetSpan((text.Length * LongestUtf8) + 2);
        if (text.ContainsAny(EscapedChars) ||
            System.Text.Unicode.Utf8.FromUtf16(text, target[1..], out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            return false;
        }

        target[0] = target[written + 1] = (byte)'"';
        output.Advance(written + 2);
        return true;
    }

    /// <summary>Appends text in which nothing but lone surrogates needs an escape.</summary>
    private static void WriteRun(PooledBuffer output, ReadOnlySpan<char> run)
    {
        while (!run.IsEmpty)
        {
            // By chunks, so that a long text does not ask for three times its length at once.
            var target = output.GetSpan(Math.Min(run.Length, ChunkLength) * LongestUtf8);
            var status = System.Text.Unicode.Utf8.FromUtf16(run, target, out var read, out var written, replaceInvalidSequences: false);
            output.Advance(written);
            run = run[read..];
            if (status == OperationStatus.InvalidData)
            {
                output.Advance(WriteEscape(output.GetSpan(LongestEscape), run[0]));
                run = run[1..];
            }
        }
    }
}

using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Unicode;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;

namespace Link.Masterless.MessagePack;

/// <summary>JSON text as it grows, within a bound. Not safe for concurrent use.</summary>
/// <param name="limit">The most bytes of text; it may be passed by one piece of text before that is noticed.</param>
/// <param name="expected">How many there may be: room for them is made at once.</param>
internal sealed class BoundedJson(int limit, int expected) : IDisposable
{
    private const int PieceLength = 4096;
    private const int RepairLength = 256;
    private const int LongestUtf8 = 3;
    private const int LongestItem = 4;
    private const int LongestNumber = JavaScriptNumber.MaxLength;

    /// <summary>What needs an escape.</summary>
    private static readonly SearchValues<byte> Special = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'"', (byte)'\\']);

    private readonly PooledBuffer _text = WithRoom(expected);

    /// <summary>How long the text is.</summary>
    public int Length => _text.Length;

    /// <summary>The text.</summary>
    public ReadOnlySpan<byte> Text => _text.WrittenSpan;

    /// <inheritdoc/>
    public void Dispose() => _text.Dispose();

    /// <summary>Appends short text as it is.</summary>
    public void Raw(ReadOnlySpan<byte> text)
    {
        _text.Write(text);
        Check();
    }

    /// <summary>Appends a byte as it is.</summary>
    public void Raw(byte value)
    {
        _text.GetSpan(1)[0] = value;
        Advance(1);
    }

    /// <summary>Appends an integer.</summary>
    public void Integer(long value)
    {
        Utf8Formatter.TryFormat(value, _text.GetSpan(LongestNumber), out var length);
        Advance(length);
    }

    /// <summary>Appends an integer.</summary>
    public void Integer(ulong value)
    {
        Utf8Formatter.TryFormat(value, _text.GetSpan(LongestNumber), out var length);
        Advance(length);
    }

    /// <summary>Appends a number; null where JSON has none.</summary>
    public void Number(double value) => Advance(JavaScriptNumber.Format(value, _text.GetSpan(LongestNumber)));

    /// <summary>Appends a string; what is no UTF-8 becomes U+FFFD.</summary>
    public void Quoted(ReadOnlySpan<byte> text)
    {
        var isValid = Utf8.IsValid(text);
        if (isValid && _text.Length + (long)text.Length < limit && !text.ContainsAny(Special))
        {
            Plain(text);
            return;
        }

        Raw((byte)'"');
        if (isValid)
        {
            Escaped(text);
        }
        else
        {
            Repaired(text);
        }

        Raw((byte)'"');
    }

    /// <summary>Makes a string of the text that was appended from <paramref name="start"/> on.</summary>
    public void Quote(int start)
    {
        using var text = new PooledBuffer();
        text.Write(_text.WrittenSpan[start..]);
        _text.Truncate(start);
        Quoted(text.WrittenSpan);
    }

    /// <summary>Appends bytes in the form that Node.js gives a byte buffer.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Raw("{\"type\":\"Buffer\",\"data\":["u8);
        for (var rest = bytes; !rest.IsEmpty;)
        {
            var piece = rest[..Math.Min(PieceLength, rest.Length)];
            rest = rest[piece.Length..];
            Advance(WriteItems(piece, _text.GetSpan(piece.Length * LongestItem)));
        }

        if (!bytes.IsEmpty)
        {
            _text.Truncate(_text.Length - 1);
        }

        Raw("]}"u8);
    }

    /// <summary>Writes numbers, each with a comma behind it.</summary>
    private static int WriteItems(ReadOnlySpan<byte> items, Span<byte> target)
    {
        var length = 0;
        foreach (int item in items)
        {
            if (item >= 100)
            {
                target[length++] = (byte)('0' + (item / 100));
            }

            if (item >= 10)
            {
                target[length++] = (byte)('0' + (item / 10 % 10));
            }

            target[length++] = (byte)('0' + (item % 10));
            target[length++] = (byte)',';
        }

        return length;
    }

    private static PooledBuffer WithRoom(int expected)
    {
        var buffer = new PooledBuffer();
        buffer.GetSpan(expected);
        return buffer;
    }

    /// <summary>Appends, in one step, a string that needs no escapes.</summary>
    private void Plain(ReadOnlySpan<byte> text)
    {
        var target = _text.GetSpan(text.Length + 2);
        target[0] = target[text.Length + 1] = (byte)'"';
        text.CopyTo(target[1..]);
        Advance(text.Length + 2);
    }

    // By pieces: text may grow to six times its length, and that must be noticed before it is there.
    private void Escaped(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            var piece = text[..Math.Min(PieceLength, text.Length)];
            JsonText.Escape(piece, _text);
            Check();
            text = text[piece.Length..];
        }
    }

    private void Repaired(ReadOnlySpan<byte> text)
    {
        Span<char> chars = stackalloc char[RepairLength];
        Span<byte> bytes = stackalloc byte[RepairLength * LongestUtf8];
        while (!text.IsEmpty)
        {
            Utf8.ToUtf16(text, chars, out var read, out var count);
            Utf8.FromUtf16(chars[..count], bytes, out _, out var written);
            Escaped(bytes[..written]);
            text = text[read..];
        }
    }

    private void Advance(int length)
    {
        _text.Advance(length);
        Check();
    }

    private void Check()
    {
        if (_text.Length > limit)
        {
            throw new MessagePackException(string.Create(CultureInfo.InvariantCulture, $"As JSON the value is larger than {limit} bytes."));
        }
    }
}

using System.Text;

namespace Link.Abstractions.Json;

/// <summary>Rewrites the escapes of JSON text as a JavaScript engine writes them: only those that must be, and those in lower case.</summary>
internal static class JsonEscapes
{
    private const int UnicodeLength = 6;

    /// <summary>Rewrites in place, since no escape becomes longer; the new length.</summary>
    public static int Normalize(Span<byte> json)
    {
        var read = json.IndexOf((byte)'\\');
        if (read < 0)
        {
            return json.Length;
        }

        var written = read;
        while (read < json.Length)
        {
            written += Rewrite(json, ref read, json[written..]);
            var rest = json[read..];
            var run = rest.IndexOf((byte)'\\');
            run = run < 0 ? rest.Length : run;
            rest[..run].CopyTo(json[written..]);
            read += run;
            written += run;
        }

        return written;
    }

    private static int Rewrite(ReadOnlySpan<byte> json, ref int read, Span<byte> target)
    {
        var unit = JsonText.DecodeEscape(json[read..], out var length);
        read += length;
        if (char.IsHighSurrogate(unit) && read < json.Length && json[read] == '\\')
        {
            var low = JsonText.DecodeEscape(json[read..], out length);
            if (char.IsLowSurrogate(low))
            {
                read += length;
                return new Rune(unit, low).EncodeToUtf8(target);
            }
        }

        if (Rune.TryCreate(unit, out var rune) && unit is >= ' ' and not ('"' or '\\'))
        {
            return rune.EncodeToUtf8(target);
        }

        Span<byte> escape = stackalloc byte[UnicodeLength];
        length = JsonText.WriteEscape(escape, unit);
        escape[..length].CopyTo(target);
        return length;
    }
}

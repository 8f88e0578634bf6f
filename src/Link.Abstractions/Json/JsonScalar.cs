using System.Buffers.Text;

namespace Link.Abstractions.Json;

/// <summary>Scalars that are equal as JSON values, made equal as text (SPEC.md, One.11).</summary>
public static class JsonScalar
{
    /// <summary>
    /// The one text for a scalar that a peer may have written in several ways, so that ids compare by their text:
    /// no needless escapes, numbers as JavaScript writes them. Arrays and objects stay as they are.
    /// </summary>
    public static ReadOnlyMemory<byte> Canonical(ReadOnlyMemory<byte> json)
    {
        var text = json.Span;
        if (text is [(byte)'"', ..])
        {
            return text.Contains((byte)'\\') ? JsonText.Quote(JsonText.Unquote(text)) : json;
        }

        return text is [(byte)'-' or (>= (byte)'0' and <= (byte)'9'), ..] ? CanonicalNumber(json) : json;
    }

    private static ReadOnlyMemory<byte> CanonicalNumber(ReadOnlyMemory<byte> json)
    {
        const int AlwaysExact = 15;
        var text = json.Span;
        if (text.Length <= AlwaysExact && text[0] != '-' && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return json;
        }

        // A number beyond the range of a double is infinite to JavaScript and has no text there.
        if (!Utf8Parser.TryParse(text, out double value, out var used) || used != text.Length || !double.IsFinite(value))
        {
            return json;
        }

        var target = new byte[JavaScriptNumber.MaxLength];
        return target.AsMemory(0, JavaScriptNumber.Format(value, target));
    }
}

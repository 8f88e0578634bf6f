using System.Globalization;
using System.Text;
using System.Text.Json;
using Link.Abstractions.Json;
using Link.Wire.Support;

namespace Link.Wire.MessagePack;

/// <summary>JSON text in the form of a JavaScript engine, found another way than the codec does it: with documents, strings and doubles.</summary>
internal static class JavaScriptText
{
    private const int Deepest = 65;

    /// <summary>The text as JavaScript would write the value.</summary>
    public static string Of(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Deepest });
        return Of(document.RootElement);
    }

    private static string Of(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                return $"[{string.Join(',', value.EnumerateArray().Select(Of))}]";
            case JsonValueKind.Object:
                var members = value.EnumerateObject().Select(member => (Name: Unquote(NameOf(member)), Value: Of(member.Value))).ToList();
                var ordered = members.Where(member => MemberOrder.IsIndex(member.Name)).OrderBy(member => uint.Parse(member.Name, CultureInfo.InvariantCulture))
                    .Concat(members.Where(member => !MemberOrder.IsIndex(member.Name)));
                return $"{{{string.Join(',', ordered.Select(member => $"{Quote(member.Name)}:{member.Value}"))}}}";
            case JsonValueKind.String:
                return Quote(Unquote(value.GetRawText()));
            case JsonValueKind.Number:
                return Number(value.GetRawText());
            default:
                return value.GetRawText();
        }
    }

    // The document gives no name that holds half a surrogate: its text is taken instead.
    private static string NameOf(JsonProperty member)
    {
        var text = member.ToString();
        var end = 1;
        while (text[end] != '"')
        {
            end += text[end] == '\\' ? 2 : 1;
        }

        return text[..(end + 1)];
    }

    private static string Number(string text)
    {
        if (Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && whole >= long.MinValue && whole <= ulong.MaxValue)
        {
            return whole.ToString(CultureInfo.InvariantCulture);
        }

        var value = double.Parse(text, CultureInfo.InvariantCulture);
        if (Math.Truncate(value) == value && value is >= long.MinValue and < 18446744073709551616.0)
        {
            return ((Int128)value).ToString(CultureInfo.InvariantCulture);
        }

        Span<byte> utf8 = stackalloc byte[JavaScriptNumber.MaxLength];
        return Encoding.UTF8.GetString(utf8[..JavaScriptNumber.Format(value, utf8)]);
    }

    private static string Unquote(string quoted) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Described.Unquote(quoted)));

    private static string Quote(string text) => Encoding.UTF8.GetString(JsonText.Quote(text));
}

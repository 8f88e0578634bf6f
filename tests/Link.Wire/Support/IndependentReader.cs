using System.Text;
using System.Text.Json;
using Link.Abstractions;

namespace Link.Wire.Support;

/// <summary>
/// A second reading of the specification's "Frames": splits, parses with documents instead of tokens, and says what Link has to
/// make of the bytes. Slow and plain on purpose.
/// </summary>
internal static class IndependentReader
{
    private const byte Delimiter = 0x0c;
    private const int UserDepth = 64;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What a connection that receives exactly these bytes and then the end yields.</summary>
    public static List<string> ReadAll(ReadOnlySpan<byte> bytes, bool dialled, int maxFrameBytes = int.MaxValue)
    {
        var result = new List<string>();
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf(Delimiter);
            if ((end < 0 ? bytes.Length : end + 1) > maxFrameBytes)
            {
                result.Add(Described.Closed(LinkError.TooLarge));
                return result;
            }

            if (end < 0)
            {
                result.Add(Described.Violation);
                return result;
            }

            var frame = Frame(bytes[..end], dialled);
            if (frame is not null)
            {
                result.Add(frame);
            }

            if (frame == Described.Violation)
            {
                return result;
            }

            bytes = bytes[(end + 1)..];
        }

        result.Add(Described.CleanEnd);
        return result;
    }

    /// <summary>What one frame is, without its delimiter; null when it is ignored.</summary>
    public static string? Frame(ReadOnlySpan<byte> frame, bool dialled)
    {
        if (frame.IsEmpty)
        {
            return null;
        }

        string text;
        try
        {
            text = Strict.GetString(frame);
        }
        catch (DecoderFallbackException)
        {
            return Described.Violation;
        }

        using var document = TryParse(text, UserDepth);
        if (document is null)
        {
            return Described.Violation;
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object ||
            Member(document.RootElement, "type") is not { ValueKind: JsonValueKind.String } type)
        {
            return Described.Dropped;
        }

        if (Described.Unquote(type.GetRawText()) != "message")
        {
            return null;
        }

        return Member(document.RootElement, "data") is { ValueKind: JsonValueKind.String } data
            ? Message(WellFormed(Described.Unquote(data.GetRawText())), dialled)
            : Described.Dropped;
    }

    private static string Message(string text, bool dialled)
    {
        using var document = TryParse(text, UserDepth + 1);
        if (document is not { RootElement: { ValueKind: JsonValueKind.Object } root })
        {
            return Described.Dropped;
        }

        var id = Member(root, "id")?.GetRawText();
        if (dialled)
        {
            return Described.Reply(id, Member(root, "success") is { ValueKind: JsonValueKind.True }, text);
        }

        var from = Member(root, "sentBy") is { ValueKind: JsonValueKind.String } name ? Described.Unquote(name.GetRawText()) : null;
        return Described.Request(id, from, Member(root, "data")?.GetRawText());
    }

    /// <summary>The last member of that name.</summary>
    private static JsonElement? Member(JsonElement value, string name)
    {
        JsonElement? found = null;
        foreach (var member in value.EnumerateObject())
        {
            if (NameIs(member, name))
            {
                found = member.Value;
            }
        }

        return found;
    }

    private static bool NameIs(JsonProperty member, string name)
    {
        try
        {
            return member.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false; // a lone surrogate is in the name
        }
    }

    private static JsonDocument? TryParse(string text, int depth)
    {
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = depth });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Lone surrogates as U+FFFD.</summary>
    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}

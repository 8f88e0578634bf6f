using System.Buffers.Text;
using System.Text.Json;

namespace Link.Masterless.Packets;

/// <summary>What JavaScript takes for true.</summary>
internal static class Truth
{
    /// <summary>Whether a JSON value is taken for true.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="content">Of a number or string: its text, without quotes.</param>
    public static bool Of(JsonTokenType type, ReadOnlySpan<byte> content) => type switch
    {
        JsonTokenType.True or JsonTokenType.StartObject or JsonTokenType.StartArray => true,
        JsonTokenType.String => !content.IsEmpty,
        JsonTokenType.Number => Utf8Parser.TryParse(content, out double number, out _) && number != 0,
        _ => false,
    };
}

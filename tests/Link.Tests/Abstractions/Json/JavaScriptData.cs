using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Link.Abstractions;

namespace Link.Tests.Abstractions.Json;

/// <summary>Texts that a JavaScript engine wrote, recorded once, and the short way to a serializer's text.</summary>
internal static class JavaScriptData
{
    /// <summary>Doubles with their text by <c>JSON.stringify</c>.</summary>
    public static IReadOnlyList<(double Value, string Text)> Doubles { get; } =
        Read("doubles.json", entry => (BitsOf(entry), entry.GetProperty("text").GetString()!));

    /// <summary>JSON texts with what <c>JSON.stringify(JSON.parse(text))</c> makes of them.</summary>
    public static IReadOnlyList<(string Input, string Output)> RoundTrips { get; } =
        Read("round-trips.json", entry => (entry.GetProperty("input").GetString()!, entry.GetProperty("output").GetString()!));

    public static string Write(this IPayloadSerializer serializer, object? value)
    {
        var output = new ArrayBufferWriter<byte>();
        serializer.Serialize(output, value);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public static T? Read<T>(this IPayloadSerializer serializer, string json) => serializer.Deserialize<T>(Encoding.UTF8.GetBytes(json));

    private static double BitsOf(JsonElement entry) =>
        BitConverter.UInt64BitsToDouble(ulong.Parse(entry.GetProperty("bits").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private static List<T> Read<T>(string file, Func<JsonElement, T> select)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Abstractions", "Json", "Data", file)));
        return [.. document.RootElement.EnumerateArray().Select(select)];
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Link.Abstractions;

namespace Link.Wire.Support;

/// <summary>What became of received bytes, as text that can be compared: one line per envelope, drop or end.</summary>
internal static class Described
{
    public const string Dropped = "dropped";
    public const string CleanEnd = "end";
    public const string Violation = "closed ProtocolViolation";

    public static string Closed(LinkError error) => $"closed {error}";

    public static string Envelope(in Envelope envelope) => envelope.Kind == EnvelopeKind.Reply
        ? Reply(Text(envelope.Id.Json), envelope.Success, envelope.Payload.ToString())
        : Request(Text(envelope.Id.Json), envelope.From, envelope.Payload.IsEmpty ? null : envelope.Payload.ToString());

    public static string Request(string? id, string? from, string? data) => $"request id {Id(id)} from {from ?? "nobody"} data {data ?? "none"}";

    public static string Reply(string? id, bool success, string payload) => $"reply id {Id(id)} success {success} {payload}";

    /// <summary>The string that valid JSON text stands for, lone surrogates included.</summary>
    public static string Unquote(string json)
    {
        var text = new StringBuilder();
        for (var at = 1; at < json.Length - 1; at++)
        {
            if (json[at] != '\\')
            {
                text.Append(json[at]);
            }
            else if (json[++at] == 'u')
            {
                text.Append((char)Convert.ToInt32(json.Substring(at + 1, 4), 16));
                at += 4;
            }
            else
            {
                text.Append("bfnrt".IndexOf(json[at]) is var letter and >= 0 ? "\b\f\n\r\t"[letter] : json[at]);
            }
        }

        return text.ToString();
    }

    /// <summary>One text for all JSON texts of one JavaScript value.</summary>
    private static string Id(string? json)
    {
        if (json is null)
        {
            return "none";
        }

        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 100 });
        switch (document.RootElement.ValueKind)
        {
            case JsonValueKind.String:
                return $"string {Unquote(json)}";
            case JsonValueKind.Number:
                var value = double.Parse(json, CultureInfo.InvariantCulture) + 0.0;
                return double.IsFinite(value) ? $"number {value:R}" : $"number {json}";
            default:
                return json;
        }
    }

    private static string? Text(ReadOnlyMemory<byte> json) => json.IsEmpty ? null : Encoding.UTF8.GetString(json.Span);
}

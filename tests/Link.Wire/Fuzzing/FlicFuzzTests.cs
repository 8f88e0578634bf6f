using System.Text;
using System.Text.Json;
using Link.Abstractions;
using Link.Flic;
using Link.Flic.Frames;
using Link.Wire.Support;

namespace Link.Wire.Fuzzing;

/// <summary>Frames of flic that nobody wrote on purpose: read as a general JSON reader reads them, or refused as it refuses them.</summary>
public sealed class FlicFuzzTests
{
    private const byte Delimiter = 0;

    // The frame, its data and the arguments inside it, and 64 levels of the user's.
    private static readonly JsonDocumentOptions AsDeep = new() { MaxDepth = 67 };

    private static readonly byte[][] Seeds =
        [.. Recording.Flic.Where(line => line.Bytes.Length > 1).Select(line => line.Bytes[..^1]).Where(frame => !frame.Contains(Delimiter))];

    public static TheoryData<int> Rounds() => [.. Enumerable.Range(0, 8)];

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Mutated_frames_are_read_as_JSON_is(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 2000; round++)
        {
            AssertSame(Mutation.Of(Seeds[random.Next(Seeds.Length)], random, Delimiter));
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Random_JSON_is_read_as_JSON_is(int seed)
    {
        var random = new Random(seed);
        var json = new RandomJson(random);
        string[] methods = ["TELL", "ACK", "SHOUT", "IDENT", "LEAVE", "CLOSE", "LINK", "tell", ""];
        for (var round = 0; round < 1000; round++)
        {
            (string, string)[] members =
            [
                ("id", json.Scalar()),
                ("method", random.Next(8) == 0 ? json.Value(2) : json.Quoted(methods[random.Next(methods.Length)])),
                ("data", random.Next(4) == 0 ? json.Value(3) : $"[{json.Value(2)},{json.Value(2)},[{json.Value(2)}]]"),
                ("nodeName", random.Next(8) == 0 ? json.Value(1) : json.Quoted(json.Text())),
                ("data", json.Value(2)),
            ];
            random.Shuffle(members);
            AssertSame(Encoding.UTF8.GetBytes(json.Object(members)));
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Every_answer_makes_a_reply_object(int seed)
    {
        var random = new Random(seed);
        var json = new RandomJson(random);
        for (var round = 0; round < 1000; round++)
        {
            var arguments = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => json.Value(3)))}]");

            var reply = ReplyMapping.Read(RequestId.FromString("id"), arguments);

            using var document = JsonDocument.Parse(reply.Payload.Utf8);
            Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
            Assert.Equal(reply.Success, document.RootElement.GetProperty("success").ValueKind == JsonValueKind.True);
        }
    }

    private static void AssertSame(byte[] content)
    {
        var (expected, actual) = (Expected(content), Actual(content));
        Assert.True(expected is null || expected == actual, $"{Convert.ToHexString(content)}\nexpected {expected}\nactual   {actual}");
    }

    private static string Actual(byte[] content)
    {
        try
        {
            return !FlicFrame.TryRead(content, out var frame) ? "no object"
                : $"{frame.Method} {Text(frame.Id)} {Text(frame.NodeName)} {string.Join(" | ", ItemsOf(frame.Data))}";
        }
        catch (JsonException)
        {
            return "no JSON";
        }
    }

    private static List<string> ItemsOf(ReadOnlyMemory<byte> data)
    {
        var texts = new List<string>();
        for (var items = new JsonItems(data); items.MoveNext();)
        {
            texts.Add(Text(items.Current));
        }

        return texts;
    }

    /// <summary>What the general reader makes of it; null where it cannot tell, because half a surrogate stands somewhere.</summary>
    private static string? Expected(byte[] content)
    {
        try
        {
            // The reader of documents is lenient about bytes that are no text.
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
            using var document = JsonDocument.Parse(content, AsDeep);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Describe(document.RootElement) : "no object";
        }
        catch (Exception exception) when (exception is JsonException or DecoderFallbackException)
        {
            return "no JSON";
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Describe(JsonElement frame)
    {
        var text = Last(frame, "method") is { ValueKind: JsonValueKind.String } said ? said.GetString() : null;
        var method = Enum.GetValues<FlicMethod>().FirstOrDefault(known => known != FlicMethod.Unknown && known.ToString().ToUpperInvariant() == text);
        var name = Last(frame, "nodeName") is { ValueKind: JsonValueKind.String } quoted ? quoted.GetRawText() : "";
        var items = Last(frame, "data") is { ValueKind: JsonValueKind.Array } data ? data.EnumerateArray().Select(item => item.GetRawText()) : [];
        return $"{method} {Last(frame, "id")?.GetRawText()} {name} {string.Join(" | ", items)}";
    }

    private static JsonElement? Last(JsonElement frame, string name) => frame.TryGetProperty(name, out var member) ? member : null;

    private static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);
}

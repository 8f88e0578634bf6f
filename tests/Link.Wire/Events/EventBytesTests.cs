using System.Text;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.NodeIpc.Events;
using Link.Wire.Support;
using Newtonsoft.Json.Linq;

namespace Link.Wire.Events;

/// <summary>What the event API writes for a value is, byte for byte, what node-ipc 9.1.4 wrote for it.</summary>
public sealed class EventBytesTests
{
    private const string Prefix = "emit value: ";

    private static readonly Dictionary<string, object?> Values = new()
    {
        ["object"] = new { a = 1, b = new object?[] { true, null, 1.5, "x" } },
        ["string"] = "hello",
        ["empty string"] = "",
        ["number"] = 42,
        ["zero"] = 0,
        ["NaN"] = double.NaN,
        ["true"] = true,
        ["false"] = false,
        ["null"] = null,
        ["undefined"] = JValue.CreateUndefined(),
        ["array"] = new[] { 1, 2 },
        ["empty array"] = Array.Empty<int>(),
        ["date"] = DateTimeOffset.UnixEpoch,
        ["buffer"] = "hi"u8.ToArray(),
        ["unicode"] = "é漢😀\u2028",
        ["control characters"] = "\f\0\n\u0001\u007f",
        ["quote slash"] = "\"\\/<>&",
        ["numbers"] = new[] { 1e21, 1e-7, 0.1, -0.0, 123456789012345680000d, 1.0, 5e-324 },
        ["lone surrogate"] = "\ud800",
        ["undefined member"] = new JObject { ["u"] = JValue.CreateUndefined(), ["k"] = 1 },
        ["integer-like keys"] = new JObject { ["b"] = 1, ["2"] = "two", ["a"] = 2, ["1"] = "one" },
    };

    /// <summary>Values that only JavaScript has, and the one that SPEC.md lists as a deviation.</summary>
    private static readonly string[] Elsewhere = ["_maxListeners object", "function"];

    private static readonly Dictionary<string, byte[]> Recorded = ReadRecorded();

    public static TheoryData<string> Names => [.. Values.Keys];

    [Fact]
    public void Every_recorded_value_is_here() => Assert.Equal(Recorded.Keys.Order(), Values.Keys.Concat(Elsewhere).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_is_written_as_the_original_writes_it(string name) =>
        Assert.Equal(Encoding.UTF8.GetString(Recorded[name]), Encoding.UTF8.GetString(Write("v", Values[name])));

    [Fact]
    public void An_object_with_maxListeners_is_written_whole() =>
        Assert.Equal("{\"type\":\"v\",\"data\":{\"_maxListeners\":10,\"a\":1}}\f", Encoding.UTF8.GetString(Write("v", new { _maxListeners = 10, a = 1 })));

    [Theory]
    [InlineData("null", "{}")]
    [InlineData("\"\"", "{}")]
    [InlineData("0", "0")]
    [InlineData("false", "false")]
    [InlineData("{\"a\" : 1}", "{\"a\" : 1}")]
    public void Ready_JSON_follows_the_same_rule(string json, string written) =>
        Assert.Equal($"{{\"type\":\"v\",\"data\":{written}}}\f", Encoding.UTF8.GetString(Write("v", Payload.FromJson(json))));

    [Fact]
    public void A_missing_payload_is_written_as_an_empty_object() =>
        Assert.Equal("{\"type\":\"v\",\"data\":{}}\f", Encoding.UTF8.GetString(Write("v", default(Payload))));

    [Fact]
    public void A_type_is_escaped_like_any_text() =>
        Assert.Equal("{\"type\":\"\\\"\\f\\u0001é\",\"data\":1}\f", Encoding.UTF8.GetString(Write("\"\f\u0001é", 1)));

    private static byte[] Write(string type, object? value)
    {
        using var output = new PooledBuffer();
        new IpcContext(new IpcOptions()).WriteMessage(output, type, value);
        Connections.Codec.EndFrame(output, 0);
        return output.WrittenSpan.ToArray();
    }

    private static Dictionary<string, byte[]> ReadRecorded()
    {
        var lines = Recording.Of(Recording.NodeIpc, "unix-value-forms").ToList();
        return lines.Zip(lines.Skip(1))
            .Where(pair => pair.First.Event?.StartsWith(Prefix, StringComparison.Ordinal) == true)
            .ToDictionary(pair => pair.First.Event![Prefix.Length..], pair => pair.Second.Bytes);
    }
}

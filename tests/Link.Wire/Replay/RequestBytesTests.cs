using Link.Abstractions;
using Link.Testing;
using Link.Wire.Support;
using Newtonsoft.Json.Linq;

namespace Link.Wire.Replay;

/// <summary>Given what the original was given to send, Link writes the same bytes.</summary>
public sealed class RequestBytesTests
{
    private const string AnyId = "mwpmk20pb";

    /// <summary>Values as a .NET program has them, beside what the original wrote for the same values.</summary>
    private static readonly Dictionary<string, Func<object>> Values = new()
    {
        ["object"] = () => new { a = 1, b = new object?[] { true, null, 1.5, "x" } },
        ["string"] = () => "hello",
        ["number"] = () => 42,
        ["zero"] = () => 0,
        ["true"] = () => true,
        ["false"] = () => false,
        ["array"] = () => new[] { 1, 2 },
        ["empty array"] = () => Array.Empty<int>(),
        ["date"] = () => DateTime.UnixEpoch,
        ["buffer"] = () => "hi"u8.ToArray(),
        ["unicode"] = () => "é漢😀\u2028",
        ["control characters"] = () => "\f\0\n\u0001\u007f",
        ["quote slash"] = () => "\"\\/<>&",
        ["numbers"] = () => new[] { 1e21, 1e-7, 0.1, -0.0, 123456789012345680000.0, 1.0, 5e-324 },
        ["lone surrogate"] = () => "\ud800",
        ["undefined member"] = () => new JObject { ["u"] = JValue.CreateUndefined(), ["k"] = 1 },
        ["integer-like keys"] = () => new JObject { ["b"] = 1, ["2"] = "two", ["a"] = 2, ["1"] = "one" },
    };

    public static TheoryData<string> ValueNames() => [.. Values.Keys];

    [Fact]
    public async Task Every_recorded_request_is_written_byte_for_byte()
    {
        using var directory = new SocketDirectory();
        using var listener = RawSocket.Listen(directory.File("app.test-two"));
        var recorded = Recording.IpcLink.Where(line => IsRequestOfTheOriginal(line)).ToList();
        Assert.True(recorded.Count >= 40, $"{recorded.Count}");
        foreach (var sender in recorded.GroupBy(line => line.From))
        {
            await using var server = Make(sender.Key, directory);
            RawSocket? peer = null;
            foreach (var request in sender)
            {
                var (id, data) = Parse(request.Bytes);
                foreach (var form in Forms(data))
                {
                    var options = new SendOptions { Id = data is JObject own && own.ContainsKey("id") ? null : (string?)id };
                    var sent = server.SendAsync("test-two", form, options);
                    peer ??= await RawSocket.AcceptAsync(listener);
                    Assert.Equal(Connections.Text(request.Bytes), await peer.ReadFrameAsync());
                    await peer.WriteAsync(Frame("{\"success\":true,\"id\":" + id.ToString(Newtonsoft.Json.Formatting.None) + "}"));
                    Assert.True((await Within.Deadline(sent)).Success);
                }
            }

            peer?.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(ValueNames))]
    public async Task A_value_in_a_request_is_written_as_the_original_writes_it(string name)
    {
        var recorded = Recording.NodeIpc.SkipWhile(line => line.Event != $"emit value: {name}").First(line => line.Bytes.Length > 0);
        var text = Connections.Text(recorded.Bytes)["{\"type\":\"v\",\"data\":".Length..^2];
        var expected = Message("{\"id\":\"" + AnyId + "\",\"sentBy\":\"test-one\",\"data\":{\"v\":" + text + "}}");

        Assert.Equal(expected, await WrittenAsync(new Dictionary<string, object> { ["v"] = Values[name]() }));
        Assert.Equal(expected, await WrittenAsync(new { v = Values[name]() }));
        Assert.Equal(expected, await WrittenAsync(Payload.FromJson("{\"v\":" + text + "}")));
    }

    [Theory]
    [InlineData("{\"s\":\"é漢😀 \\f \\u0000 \\\" \\\\ </> \u2028\"}")]
    [InlineData("{}")]
    [InlineData("[1,2]")]
    public async Task Forms_of_data_are_written_as_the_original_writes_them(string data)
    {
        var recorded = Recording.Of(Recording.IpcLink, "send-argument-forms")
            .Single(line => Connections.Text(line.Bytes) is var text && text.Contains("sentBy") && (data == "{}" ? line.Sequence == 5 : text.Contains(JToken.Parse(data) is JArray ? "[1,2]" : "漢")));
        var id = (string)Parse(recorded.Bytes).Id!;

        Assert.Equal(Connections.Text(recorded.Bytes), await WrittenAsync(JToken.Parse(data), id));
        Assert.Equal(Connections.Text(recorded.Bytes), await WrittenAsync(Payload.FromJson(data), id));
    }

    [Theory]
    [InlineData("a\"b\\c\n\u0001", "\\\"a\\\\\\\"b\\\\\\\\c\\\\n\\\\u0001\\\"")]
    [InlineData("é漢😀\u2028", "\\\"é漢😀\u2028\\\"")]
    [InlineData("", "\\\"\\\"")]
    public async Task Ids_and_names_are_escaped_twice(string text, string escaped)
    {
        var written = await WrittenAsync(new { n = 1 }, text, sender: text);

        Assert.Equal("{\"type\":\"message\",\"data\":\"{\\\"id\\\":" + escaped + ",\\\"sentBy\\\":" + escaped + ",\\\"data\\\":{\\\"n\\\":1}}\"}\f", written);
    }

    [Fact]
    public async Task A_lone_surrogate_in_an_id_or_a_name_is_escaped()
    {
        const string Escaped = "\\\"\\\\ud800\\\"";
        var written = await WrittenAsync(new { n = 1 }, "\ud800", sender: "\ud800");

        Assert.Equal("{\"type\":\"message\",\"data\":\"{\\\"id\\\":" + Escaped + ",\\\"sentBy\\\":" + Escaped + ",\\\"data\\\":{\\\"n\\\":1}}\"}\f", written);
    }

    private static async Task<string> WrittenAsync(object data, string id = AnyId, string sender = "test-one")
    {
        using var directory = new SocketDirectory();
        using var listener = RawSocket.Listen(directory.File("app.test-two"));
        await using var server = Make("test-one", directory, sender);
        var sent = server.SendAsync("test-two", data, new SendOptions { Id = id });
        using var peer = await RawSocket.AcceptAsync(listener);
        var frame = await peer.ReadFrameAsync();
        peer.Dispose();
        await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(sent));
        return frame!;
    }

    private static bool IsRequestOfTheOriginal(RecordedLine line) =>
        line.Bytes.Length > 0 && !Recording.IsReply(line) && line.From != "raw" &&
        (line.From == "test-one" || line.Scenario is not ("hand-made-replies" or "spoofed-reserved-types"));

    private static Server Make(string name, SocketDirectory directory, string? sender = null) =>
        new(name, new ServerOptions { SocketRoot = directory.Path, AllowMultiple = true, Id = sender });

    private static IEnumerable<object> Forms(JToken data)
    {
        var text = new System.Buffers.ArrayBufferWriter<byte>();
        NewtonsoftSerializer.Default.Serialize(text, data);
        return [data, new Payload(text.WrittenMemory)];
    }

    private static (JToken Id, JToken Data) Parse(byte[] frame)
    {
        var message = JObject.Parse((string)JObject.Parse(Connections.Text(frame)[..^1])["data"]!);
        return (message["id"]!, message["data"]!);
    }

    private static byte[] Frame(string inner) => System.Text.Encoding.UTF8.GetBytes(Message(inner));

    private static string Message(string inner) =>
        "{\"type\":\"message\",\"data\":\"" + inner.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"}\f";
}

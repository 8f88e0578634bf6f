using Link.Abstractions;
using Link.Spec.Support;
using Newtonsoft.Json.Linq;

namespace Link.Spec;

/// <summary>SPEC.md, "JSON text": what is written and what is read.</summary>
public sealed class JsonTextTests : SpecTests
{
    public static TheoryData<object?, string> Values() => new()
    {
        { null, "null" },
        { true, "true" },
        { 1, "1" },
        { 1.0, "1" },
        { 1m, "1" },
        { 1.0f, "1" },
        { 0.1, "0.1" },
        { 0.1f, "0.1" },
        { -0.0, "0" },
        { 1e-7, "1e-7" },
        { 1e21, "1e+21" },
        { 123456789012345680000.0, "123456789012345680000" },
        { double.NaN, "null" },
        { double.NegativeInfinity, "null" },
        { "é漢😀", "\"é漢😀\"" },
        { "\b\t\n\f\r\0\u001f\"\\/", "\"\\b\\t\\n\\f\\r\\u0000\\u001f\\\"\\\\/\"" },
        { "\u007f\u0085\u2028\u2029<>&'", "\"\u007f\u0085\u2028\u2029<>&'\"" },
        { new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc), "\"2020-01-02T03:04:05.000Z\"" },
        { new byte[] { 1, 2 }, "{\"type\":\"Buffer\",\"data\":[1,2]}" },
    };

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public async Task Values_are_written_as_a_JavaScript_engine_writes_them(object? value, string text)
    {
        var listener = Listen("test-two");
        _ = Make("test-one", Wire).SendAsync("test-two", new Dictionary<string, object?> { ["id"] = 1, ["v"] = value });

        var frame = await (await listener.AcceptAsync()).ReadAsync();

        var inner = "{\"id\":1,\"sentBy\":\"test-one\",\"data\":{\"id\":1,\"v\":" + text + "}}";
        Assert.Equal(inner, (string?)JObject.Parse(frame![..^1])["data"]);
    }

    [Fact]
    public async Task A_lone_surrogate_is_written_as_an_escape()
    {
        var listener = Listen("test-two");
        _ = Make("test-one", Wire).SendAsync("test-two", new { id = 1, v = "a\ud83d" });

        Assert.Contains("\\\"v\\\":\\\"a\\\\ud83d\\\"", await (await listener.AcceptAsync()).ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_keep_their_order()
    {
        var listener = Listen("test-two");
        var data = new JObject { ["z"] = 1, ["a"] = new JObject { ["y"] = 1, ["b"] = 2 }, ["m"] = JValue.CreateUndefined(), ["id"] = 1 };
        _ = Make("test-one", Wire).SendAsync("test-two", data);

        Assert.Equal(
            """{"type":"message","data":"{\"id\":1,\"sentBy\":\"test-one\",\"data\":{\"z\":1,\"a\":{\"y\":1,\"b\":2},\"id\":1}}"}""" + "\f",
            await (await listener.AcceptAsync()).ReadAsync());
    }

    [Fact]
    public async Task Raw_JSON_goes_out_as_it_is()
    {
        var listener = Listen("test-two");
        _ = Make("test-one", Wire).SendAsync("test-two", Payload.FromJson("{ \"b\": 1.0, \"a\": 1E2 }"), new SendOptions { Id = "r" });

        Assert.Equal(
            """{"type":"message","data":"{\"id\":\"r\",\"sentBy\":\"test-one\",\"data\":{ \"b\": 1.0, \"a\": 1E2 }}"}""" + "\f",
            await (await listener.AcceptAsync()).ReadAsync());
    }

    [Fact]
    public async Task Data_may_have_64_levels()
    {
        var reported = Deadline.Signal<Exception>();
        var receiver = await StartAsync("test-two", Wire, message => message.ReplyAsync(new { }));
        receiver.Error += (_, e) => reported.TrySetResult(e.Error);
        var peer = await DialAsync("test-two");

        await peer.SendAsync("{\"id\":64,\"data\":" + new string('[', 64) + new string(']', 64) + "}");
        Assert.Equal(64, (int?)(await peer.ReceiveAsync())["id"]);
        Assert.False(reported.Task.IsCompleted);

        await peer.SendAsync("{\"id\":65,\"data\":" + new string('[', 65) + new string(']', 65) + "}");
        await reported.Task.Soon();
        await peer.SendAsync("{\"id\":66}");
        Assert.Equal(66, (int?)(await peer.ReceiveAsync())["id"]);
    }

    [Theory]
    [InlineData("\ufeff{}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{'a':1}")]
    [InlineData("{a:1}")]
    [InlineData("/* */{}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":0x10}")]
    [InlineData("{\"a\":\"\u0001\"}")]
    [InlineData("{\"a\":\"\\x41\"}")]
    [InlineData("{} {}")]
    public async Task Anything_but_strict_JSON_is_refused(string text)
    {
        var reported = Deadline.Signal<Exception>();
        var receiver = await StartAsync("test-two", Wire, message => message.ReplyAsync(new { }));
        receiver.Error += (_, e) => reported.TrySetResult(e.Error);

        await (await DialAsync("test-two")).SendAsync("{\"id\":1,\"data\":" + text + "}");

        Assert.Equal(LinkError.ProtocolViolation, Assert.IsType<LinkException>(await reported.Task.Soon()).Error);
    }

    [Theory]
    [InlineData("9007199254740993")]
    [InlineData("12345678901234567890123456789")]
    [InlineData("1.0")]
    [InlineData("1e21")]
    [InlineData("\"2020-01-02T03:04:05.000Z\"")]
    [InlineData("{\"$type\":\"System.Object, mscorlib\"}")]
    public async Task Values_come_through_unchanged(string value)
    {
        var received = Deadline.Signal<Message>();
        await StartAsync("test-two", Wire, message =>
        {
            received.TrySetResult(message);
            return message.ReplyAsync(new { });
        });

        await (await DialAsync("test-two")).SendAsync("{\"id\":1,\"data\":{\"v\":" + value + "}}");

        var message = await received.Task.Soon();
        Assert.Equal("{\"v\":" + value + "}", message.Payload.ToString());
        Assert.True(JToken.DeepEquals(Exact(value), message.Data["v"]));
    }

    [Fact]
    public async Task The_last_of_repeated_members_counts()
    {
        var received = Deadline.Signal<JToken>();
        await StartAsync("test-two", Wire, message =>
        {
            received.TrySetResult(message.Data);
            return message.ReplyAsync(new { });
        });

        await (await DialAsync("test-two")).SendAsync("{\"id\":1,\"data\":{\"a\":1,\"a\":2}}");

        Assert.Equal(2, (int?)(await received.Task.Soon())["a"]);
    }

    private static JToken Exact(string json)
    {
        using var reader = new Newtonsoft.Json.JsonTextReader(new StringReader(json)) { DateParseHandling = Newtonsoft.Json.DateParseHandling.None };
        return JToken.Load(reader);
    }
}

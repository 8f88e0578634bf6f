using System.Text;
using Link.Abstractions;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Tests.Faults;

/// <summary>Text, numbers and depth that come through as they were sent, or fail alone.</summary>
public sealed class TextTests
{
    private const string Unchanged =
        """{"big":9007199254740993,"whole":1.0,"large":1e21,"small":1E-7,"day":"2020-01-02","time":"2020-01-02T03:04:05.678Z","old":"/Date(0)/"}""";

    public static TheoryData<string> Serializers => ["Newtonsoft", "System.Text.Json"];

    [Fact]
    public async Task UTF8_split_at_every_byte_comes_out_whole()
    {
        await using var scene = await Scene.SetAsync();
        var frame = Encoding.UTF8.GetBytes(Frames.Request("\"é漢😀\"", "{\"é\":\"漢😀\"}"));
        for (var split = 1; split < frame.Length; split++)
        {
            await scene.Stranger.SendAsync(frame.AsMemory(..split));

            // The server has time to receive the first part alone.
            await scene.PingAsync();
            await scene.Stranger.SendAsync(frame.AsMemory(split..));
            Assert.Equal("""{"success":true,"id":"é漢😀","echo":{"é":"漢😀"}}""", await scene.Stranger.ReadTextAsync());
        }

        foreach (var one in frame)
        {
            await scene.Stranger.SendAsync(new[] { one });
        }

        Assert.Equal("""{"success":true,"id":"é漢😀","echo":{"é":"漢😀"}}""", await scene.Stranger.ReadTextAsync());
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task Control_characters_that_are_escaped_come_through()
    {
        const string Data = "{\"a\":\"\\u0000\\u0001\\b\\t\\n\\f\\r\\u001f\u007f\u2028\"}";
        await using var scene = await Scene.SetAsync();
        await scene.Stranger.SendAsync(Frames.Request("1", Data));
        Assert.Equal("{\"success\":true,\"id\":1,\"echo\":" + Data + "}", await scene.Stranger.ReadTextAsync());
    }

    [Fact]
    public async Task Data_of_depth_64_comes_through()
    {
        await using var bench = new Bench();
        var server = await bench.StartEchoAsync("server");
        using var peer = await bench.DialAsync("server");
        var data = "{\"deep\":" + Frames.Nested(62) + "}";
        await peer.SendAsync(Frames.Request("1", data));
        Assert.Equal("{\"success\":true,\"id\":1,\"echo\":" + data + "}", await peer.ReadTextAsync());

        var payload = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var deepest = await bench.StartAsync("deepest", message => payload.SetResult(message.Payload.Utf8.Length));
        using var other = await bench.DialAsync("deepest");
        await other.SendAsync(Frames.Request("1", Frames.Nested(64)));
        Assert.Equal(128, await Within.Deadline(payload.Task));
        Assert.Equal(0, server.Statistics.TransportFaults + deepest.Statistics.TransportFaults);
    }

    [Fact]
    public async Task A_reply_of_depth_64_is_taken_and_one_of_65_is_dropped()
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        var promise = scene.Server.SendAsync("stranger", new { });
        var id = (await scene.Stranger.ReadMessageAsync())["id"]!.ToJsonString();
        await scene.Stranger.SendAsync(Frames.Reply(id, ",\"deep\":" + Frames.Nested(65)));
        Assert.Equal(LinkError.ProtocolViolation, (await scene.Events.NextFaultAsync()).Error);
        Assert.False(promise.IsCompleted);
        await scene.Stranger.SendAsync(Frames.Reply(id, ",\"deep\":" + Frames.Nested(63)));
        Assert.NotNull((await Within.Deadline(promise))["deep"]);
        await scene.AssertOthersGoOnAsync();
    }

    [Theory]
    [InlineData("{\"type\":\"x\",\"type\":\"message\",\"data\":5,\"data\":\"{\\\"id\\\":1,\\\"data\\\":{}}\"}\f")]
    [InlineData("{\"type\":\"message\",\"data\":\"{\\\"id\\\":0,\\\"id\\\":1,\\\"data\\\":5,\\\"data\\\":{}}\"}\f")]
    [InlineData("{\"type\":\"message\",\"data\":\"{\\\"\\\\u0069d\\\":0,\\\"id\\\":1,\\\"data\\\":{}}\"}\f")]
    public async Task Of_duplicate_members_of_an_envelope_the_last_wins(string frame)
    {
        await using var scene = await Scene.SetAsync();
        await scene.Stranger.SendAsync(frame);
        Assert.Equal("""{"success":true,"id":1,"echo":{}}""", await scene.Stranger.ReadTextAsync());
    }

    [Theory]
    [InlineData("message", "other")]
    [InlineData("message", "null")]
    public async Task Of_duplicate_types_the_last_wins(string first, string last)
    {
        await using var scene = await Scene.SetAsync();
        var type = last == "null" ? last : $"\"{last}\"";
        await scene.Stranger.SendAsync($"{{\"type\":\"{first}\",\"data\":\"{{}}\",\"type\":{type}}}\f");
        await scene.AssertStrangerIsServedAsync(Side.Accepted);
        Assert.DoesNotContain("", scene.Handled);
    }

    [Fact]
    public async Task Of_duplicate_members_of_the_data_the_last_wins()
    {
        await using var scene = await Scene.SetAsync();
        await scene.Stranger.SendAsync(Frames.Request("1", "{\"a\":1,\"b\":2,\"a\":3}"));
        Assert.Equal("""{"success":true,"id":1,"echo":{"a":3,"b":2}}""", await scene.Stranger.ReadTextAsync());
    }

    [Fact]
    public async Task Of_duplicate_members_of_a_reply_the_last_wins()
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        var promise = scene.Server.SendAsync("stranger", new { });
        var id = (await scene.Stranger.ReadMessageAsync())["id"]!.ToJsonString();
        await scene.Stranger.SendAsync(Frames.Message($"{{\"success\":false,\"id\":\"wrong\",\"success\":true,\"id\":{id},\"a\":1,\"a\":2}}"));
        var reply = await Within.Deadline(promise);
        Assert.True(reply.Success);
        Assert.Equal(2, (int?)reply["a"]);
    }

    [Theory]
    [MemberData(nameof(Serializers))]
    public async Task Type_names_in_data_are_plain_data(string serializer)
    {
        const string Data = """{"$type":"System.IO.FileInfo, System.Private.CoreLib","$id":"1","$ref":"1","fileName":"/etc/passwd"}""";
        await using var bench = new Bench();
        var seen = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await bench.StartAsync("server", async message =>
        {
            seen.SetResult(message.As<object>());
            await message.ReplyAsync(new { echo = message.Data, again = message.As<Dictionary<string, object>>() });
        }, options => With(options, serializer));
        using var peer = await bench.DialAsync("server");
        await peer.SendAsync(Frames.Request("1", Data));
        Assert.Equal($$"""{"success":true,"id":1,"echo":{{Data}},"again":{{Data}}}""", await peer.ReadTextAsync());
        Assert.IsNotType<FileInfo>(await Within.Deadline(seen.Task));
    }

    [Theory]
    [MemberData(nameof(Serializers))]
    public async Task Numbers_and_dates_come_through_unchanged(string serializer)
    {
        await using var bench = new Bench();
        var received = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        await bench.StartAsync("server", async message =>
        {
            received.SetResult(message);
            await message.ReplyAsync(new { echo = message.Data, typed = message.As<Values>() });
        }, options => With(options, serializer));
        using var peer = await bench.DialAsync("server");
        await peer.SendAsync(Frames.Request("9007199254740993", Unchanged));

        // A JavaScript engine writes the same values with these texts.
        var written = Unchanged.Replace("1.0", "1", StringComparison.Ordinal).Replace("1e21", "1e+21", StringComparison.Ordinal).Replace("1E-7", "1e-7", StringComparison.Ordinal);
        Assert.Equal($$"""{"success":true,"id":9007199254740993,"echo":{{written}},"typed":{{written}}}""", await peer.ReadTextAsync());

        var message = await Within.Deadline(received.Task);
        Assert.Equal(Unchanged, message.Payload.ToString());
        Assert.Equal(9007199254740993, (long)message.Data["big"]!);
        Assert.Equal((JTokenType.Float, 1e21), (message.Data["large"]!.Type, (double)message.Data["large"]!));
        Assert.Equal(JTokenType.String, message.Data["time"]!.Type);
    }

    [Fact]
    public async Task A_reply_that_nobody_parses_keeps_its_numbers_to_the_letter()
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        var promise = scene.Server.SendAsync("stranger", Payload.FromJson(Unchanged));
        var request = await scene.Stranger.ReadTextAsync();
        Assert.Contains("\"data\":" + Unchanged, request, StringComparison.Ordinal);
        var id = (string)JObject.Parse(request)["id"]!;
        await scene.Stranger.SendAsync(Frames.Reply($"\"{id}\"", "," + Unchanged[1..^1]));
        Assert.Equal($$"""{"success":true,"id":"{{id}}",{{Unchanged[1..]}}""", (await Within.Deadline(promise)).Payload.ToString());
    }

    [Theory]
    [MemberData(nameof(Serializers))]
    public async Task A_number_of_100_000_digits_fails_alone_where_it_is_parsed(string serializer)
    {
        var digits = new string('9', 100_000);
        await using var scene = await Scene.SetAsync(Side.Accepted, options => With(options, serializer));
        await scene.Stranger.SendAsync(Frames.Request("1", "{\"a\":" + digits + "}"));
        var reply = await scene.Stranger.ReadMessageAsync();
        Assert.Equal("INVALID_DATA", (string?)reply["code"]);
        Assert.Equal(LinkError.InvalidData, (await scene.Events.NextFaultAsync()).Error);
        await scene.AssertStrangerIsServedAsync(Side.Accepted);
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task A_number_of_100_000_digits_that_nobody_parses_comes_through()
    {
        var digits = new string('9', 100_000);
        await using var scene = await Scene.SetAsync(Side.Dialled);
        foreach (var success in new[] { "true", "false" })
        {
            var promise = scene.Server.SendAsync("stranger", new { });
            var id = (await scene.Stranger.ReadMessageAsync())["id"]!.ToJsonString();
            await scene.Stranger.SendAsync(Frames.Message($"{{\"success\":{success},\"id\":{id},\"a\":{digits}}}"));
            var reply = success == "true"
                ? await Within.Deadline(promise)
                : (await Assert.ThrowsAsync<RejectedException>(() => promise)).Reply;
            Assert.Contains(digits, reply.Payload.ToString(), StringComparison.Ordinal);
            Assert.Equal(LinkError.InvalidData, Assert.Throws<LinkException>(() => reply.Data).Error);
        }

        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task A_number_of_100_000_digits_as_id_is_an_id()
    {
        var digits = new string('9', 100_000);
        await using var scene = await Scene.SetAsync();
        await scene.Stranger.SendAsync(Frames.Request(digits, "{}"));
        Assert.Equal("{\"success\":true,\"id\":" + digits + ",\"echo\":{}}", await scene.Stranger.ReadTextAsync());
    }

    private static ServerOptions With(ServerOptions options, string serializer) => serializer == "Newtonsoft"
        ? options
        : options with { Serializer = SystemTextJsonSerializer.Default };

    private sealed record Values(long big, double whole, double large, double small, string day, string time, string old);
}

using Link.Abstractions;
using Link.Spec.Support;
using Newtonsoft.Json.Linq;

namespace Link.Spec;

/// <summary>SPEC.md, Process Two: from the bytes of the request to the bytes of the reply.</summary>
public sealed class ProcessTwoTests : SpecTests
{
    [Fact, Step("Two.1")]
    public async Task The_receiver_is_a_server_with_its_own_name()
    {
        await StartAsync("test-two", Wire, message => message.ReplyAsync(new { }));
        await StartAsync("test-three", Wire, message => message.ReplyAsync(new { }));

        Assert.True(File.Exists(PathOf("test-two")));
        Assert.True(File.Exists(PathOf("test-three")));
    }

    [Theory, Step("Two.2")]
    [InlineData("{\"id\":\"h1\",\"sentBy\":\"ghost\",\"data\":{\"a\":1}}")]
    [InlineData(" { \"data\" : { \"a\" : 1 } , \"more\":[{}] , \"sentBy\" : \"ghost\" , \"id\" : \"h1\" } ")]
    [InlineData("{\"id\":\"h0\",\"id\":\"h1\",\"sentBy\":\"ghost\",\"data\":7,\"data\":{\"a\":1}}")]
    [InlineData("{\"\\u0069d\":\"\\u00681\",\"sentBy\":\"ghost\",\"data\":{\"\\u0061\":1}}")]
    public async Task A_request_is_parsed_as_JSON(string text)
    {
        var message = await ReceiveAsync(text);

        Assert.Equal("h1", message.Id);
        Assert.Equal("ghost", message.SentBy);
        Assert.Equal(1, (int?)message.Data["a"]);
    }

    [Theory, Step("Two.2")]
    [InlineData("null")]
    [InlineData("[\"array\"]")]
    [InlineData("7")]
    [InlineData("\"text\"")]
    [InlineData("")]
    [InlineData("{bad json}")]
    [InlineData("{\"id\":\"h1\"} {}")]
    public async Task Text_that_is_no_envelope_is_dropped_and_reported(string text)
    {
        var reported = Deadline.Signal<Exception>();
        var receiver = await StartAsync("test-two", Wire, message => message.ReplyAsync(new { r = 1 }));
        receiver.Error += (_, e) => reported.TrySetResult(e.Error);
        var peer = await DialAsync("test-two");

        await peer.SendAsync(text);
        await peer.SendAsync("{\"id\":\"next\",\"sentBy\":\"ghost\",\"data\":{}}");

        Assert.Equal("next", (string?)(await peer.ReceiveAsync())["id"]);
        Assert.Equal(LinkError.ProtocolViolation, Assert.IsType<LinkException>(await reported.Task.Soon()).Error);
        Assert.Equal(1, receiver.Statistics.TransportFaults);
    }

    [Fact, Step("Two.3")]
    public async Task A_message_has_id_sender_data_and_connection()
    {
        var message = await ReceiveAsync("{\"id\":42,\"sentBy\":\"ghost\",\"data\":[1,2]}");

        Assert.Equal("42", message.Id);
        Assert.Equal("ghost", message.SentBy);
        Assert.Equal([1, 2], message.As<int[]>()!);
        Assert.Equal(Environment.ProcessId, message.Peer.ProcessId);
        Assert.True(message.IsReplied);
    }

    [Fact, Step("Two.3")]
    public async Task A_message_lacks_what_the_request_lacks()
    {
        var message = await ReceiveAsync("{}");

        Assert.Null(message.Id);
        Assert.Null(message.SentBy);
        Assert.Equal(JTokenType.Undefined, message.Data.Type);
        Assert.True(message.Payload.IsEmpty);
    }

    [Fact, Step("Two.3")]
    public async Task The_name_of_the_sender_is_data()
    {
        var receiver = await StartAsync("test-two", Wire, message => message.ReplyAsync(new { from = message.SentBy, name = message.Peer.Name }));
        var peer = await DialAsync("test-two");

        await peer.SendAsync("{\"id\":1,\"sentBy\":\"test-two\",\"data\":{}}");

        var reply = await peer.ReceiveAsync();
        Assert.Equal("test-two", (string?)reply["from"]);
        Assert.Equal(JTokenType.Null, reply["name"]!.Type);
        Assert.False(receiver.HasPeer("test-two"));
    }

    [Fact, Step("Two.4")]
    public async Task The_handler_gets_the_message()
    {
        var message = await ReceiveAsync("{\"id\":\"h1\",\"sentBy\":\"ghost\",\"data\":{\"content\":\"Hello\"}}");

        Assert.Equal("Hello", (string?)message.Data["content"]);
    }

    [Fact, Step("Two.4")]
    public async Task Without_a_handler_the_request_is_rejected()
    {
        await StartAsync("test-two", Wire);
        var peer = await DialAsync("test-two");

        await peer.SendAsync("{\"id\":\"h1\",\"sentBy\":\"ghost\",\"data\":{}}");

        var reply = await peer.ReceiveAsync();
        Assert.Equal((false, "h1", "NO_HANDLER"), ((bool)reply["success"]!, (string?)reply["id"], (string?)reply["code"]));
    }

    [Fact, Step("Two.4")]
    public async Task A_handler_that_fails_rejects_the_request()
    {
        await StartAsync("test-two", Wire, _ => throw new InvalidOperationException("not today"));
        var peer = await DialAsync("test-two");

        await peer.SendAsync("{\"id\":\"h1\",\"sentBy\":\"ghost\",\"data\":{}}");

        Assert.Equal(
            """{"type":"message","data":"{\"success\":false,\"id\":\"h1\",\"code\":\"HANDLER_FAILED\",\"message\":\"not today\"}"}""" + "\f",
            await peer.ReadAsync());
    }

    [Theory, Step("Two.4")]
    [InlineData("{\"n\":\"no number\"}", "INVALID_DATA")]
    [InlineData("{\"n\":0}", "NO_REPLY")]
    public async Task A_handler_that_is_to_return_the_reply_always_answers(string data, string code)
    {
        var receiver = Make("test-two", Wire);
        receiver.OnMessage((Question question) => Task.FromResult<object?>(question.N == 0 ? null : question));
        await receiver.StartAsync().Soon();
        var peer = await DialAsync("test-two");

        await peer.SendAsync($"{{\"id\":\"h1\",\"data\":{data}}}");

        var reply = await peer.ReceiveAsync();
        Assert.Equal((false, "h1", code), ((bool)reply["success"]!, (string?)reply["id"], (string?)reply["code"]));
        Assert.Equal(JTokenType.String, reply["message"]!.Type);
    }

    public static TheoryData<object> Objects() =>
    [
        new { n = 1 },
        new Dictionary<string, int> { ["n"] = 1 },
        new JObject { ["n"] = 1 },
    ];

    [Theory, Step("Two.5")]
    [MemberData(nameof(Objects), DisableDiscoveryEnumeration = true)]
    public async Task The_reply_data_may_be_any_value_that_is_an_object_in_JSON(object data) =>
        Assert.Equal("{\"success\":true,\"id\":\"h1\",\"n\":1}", await AnswerAsync(message => message.ReplyAsync(data)));

    [Fact, Step("Two.5")]
    public async Task The_reply_may_be_empty()
    {
        Assert.Equal("{\"success\":true,\"id\":\"h1\"}", await AnswerAsync(message => message.ReplyAsync(new { })));
        Assert.Equal("{\"success\":true,\"id\":\"h1\"}", await AnswerAsync(message => message.ReplyAsync(null, true), "test-three"));
    }

    public static TheoryData<object?, string> Others() => new()
    {
        { "ab", "{\"0\":\"a\",\"1\":\"b\",\"success\":true,\"id\":\"h1\"}" },
        { new[] { 7, 8 }, "{\"0\":7,\"1\":8,\"success\":true,\"id\":\"h1\"}" },
        { null, "{\"success\":true,\"id\":\"h1\"}" },
    };

    [Theory, Step("Two.5")]
    [MemberData(nameof(Others), DisableDiscoveryEnumeration = true)]
    public async Task What_is_no_object_is_spread_when_success_is_given(object? data, string text)
    {
        var refusal = Deadline.Signal<ArgumentException>();
        var answer = await AnswerAsync(async message =>
        {
            refusal.SetResult(await Assert.ThrowsAsync<ArgumentException>(() => message.ReplyAsync(data)));
            await message.ReplyAsync(data, true);
        });

        Assert.Equal(text, answer);
        await refusal.Task.Soon();
    }

    [Fact, Step("Two.5")]
    public async Task A_handler_may_return_the_reply()
    {
        var receiver = Make("test-two", Memory);
        receiver.OnMessage((JObject request) => Task.FromResult(new { response = $"{request["content"]} world!" }));
        await receiver.StartAsync().Soon();

        var reply = await Make("test-one", Memory).SendAsync("test-two", new { content = "Hello" }).Soon();

        Assert.Equal("Hello world!", (string?)reply["response"]);
    }

    [Fact, Step("Two.6")]
    public async Task Success_in_the_reply_data_wins()
    {
        Assert.Equal(
            "{\"success\":false,\"id\":\"h1\",\"why\":\"data wins\"}",
            await AnswerAsync(message => message.ReplyAsync(new { why = "data wins", success = false }, true)));
        Assert.Equal("{\"success\":\"no\",\"id\":\"h1\"}", await AnswerAsync(message => message.ReplyAsync(new { success = "no" }), "test-three"));
    }

    [Fact, Step("Two.6.1")]
    public async Task Success_may_be_given_as_an_argument() =>
        Assert.Equal("{\"success\":false,\"id\":\"h1\",\"n\":1}", await AnswerAsync(message => message.ReplyAsync(new { n = 1 }, false)));

    [Fact, Step("Two.6.2")]
    public async Task Success_is_true_when_nothing_is_said()
    {
        Assert.Equal("{\"success\":true,\"id\":\"h1\",\"n\":1}", await AnswerAsync(message => message.ReplyAsync(new { n = 1 })));
        Assert.Equal("{\"success\":true,\"id\":\"h1\",\"n\":1}", await AnswerAsync(message => message.ReplyAsync(new { n = 1 }, true), "test-three"));
    }

    [Fact, Step("Two.7")]
    public async Task A_reply_is_an_object_of_success_id_and_the_reply_data() =>
        Assert.Equal(
            "{\"success\":true,\"id\":\"h1\",\"b\":1,\"a\":{\"id\":2}}",
            await AnswerAsync(message => message.ReplyAsync(new { b = 1, a = new { id = 2 } })));

    [Fact, Step("Two.7")]
    public async Task An_id_in_the_reply_data_replaces_the_id() =>
        Assert.Equal("{\"success\":true,\"id\":\"other-id\",\"x\":1}", await AnswerAsync(message => message.ReplyAsync(new { x = 1, id = "other-id" })));

    [Fact, Step("Two.7")]
    public async Task A_reply_to_a_request_without_id_has_none() =>
        Assert.Equal(
            "{\"success\":true,\"r\":1}",
            await AnswerAsync(message => message.ReplyAsync(new { r = 1 }), request: "{\"sentBy\":\"ghost\",\"data\":{\"a\":2}}"));

    [Fact, Step("Two.8")]
    public async Task A_reply_is_written_as_a_JavaScript_engine_writes_it() =>
        Assert.Equal(
            "{\"success\":true,\"id\":\"h1\",\"s\":\"é漢😀 \\f \\u0000 \\\" \\\\ </> \u2028\",\"n\":1,\"big\":1e+21}",
            await AnswerAsync(message => message.ReplyAsync(new { s = "é漢😀 \f \0 \" \\ </> \u2028", n = 1.0, big = 1e21 })));

    [Fact, Step("Two.9")]
    public async Task A_reply_is_the_text_in_one_frame_of_type_message()
    {
        await StartAsync("test-two", Wire, message => message.ReplyAsync(new { response = $"{message.Data["content"]} world!" }));
        var peer = await DialAsync("test-two");

        await peer.WriteAsync("""{"type":"message","data":"{\"id\":\"mwpmjyw9b\",\"sentBy\":\"test-one\",\"data\":{\"content\":\"Hello\"}}"}""" + "\f");

        Assert.Equal(
            """{"type":"message","data":"{\"success\":true,\"id\":\"mwpmjyw9b\",\"response\":\"Hello world!\"}"}""" + "\f",
            await peer.ReadAsync());
    }

    [Fact, Step("Two.9")]
    public async Task A_reply_goes_to_the_connection_of_its_request()
    {
        await StartAsync("test-two", Wire, message => message.ReplyAsync(new { echo = message.Data }));
        var alpha = await DialAsync("test-two");
        var beta = await DialAsync("test-two");

        await beta.SendAsync("{\"id\":\"k\",\"sentBy\":\"x\",\"data\":\"beta\"}");
        await alpha.SendAsync("{\"id\":\"k\",\"sentBy\":\"x\",\"data\":\"alpha\"}");

        Assert.Equal("alpha", (string?)(await alpha.ReceiveAsync())["echo"]);
        Assert.Equal("beta", (string?)(await beta.ReceiveAsync())["echo"]);
    }

    [Fact, Step("Two.9")]
    public async Task A_second_reply_is_refused()
    {
        var refusal = Deadline.Signal<InvalidOperationException>();
        var answer = await AnswerAsync(async message =>
        {
            await message.ReplyAsync(new { n = 1 });
            refusal.SetResult(await Assert.ThrowsAsync<InvalidOperationException>(() => message.ReplyAsync(new { n = 2 })));
        });

        Assert.Equal("{\"success\":true,\"id\":\"h1\",\"n\":1}", answer);
        Assert.Equal("The request h1 has already been replied and cannot be replied again.", (await refusal.Task.Soon()).Message);
    }

    private sealed record Question(int N);

    /// <summary>The message that a handler gets for the text of a request, once it has been replied to.</summary>
    private async Task<Message> ReceiveAsync(string request)
    {
        var received = Deadline.Signal<Message>();
        await StartAsync("test-two", Wire, async message =>
        {
            await message.ReplyAsync(new { });
            received.TrySetResult(message);
        });
        await (await DialAsync("test-two")).SendAsync(request);
        return await received.Task.Soon();
    }

    /// <summary>The text of the reply that the handler gives to a request with the id h1.</summary>
    private async Task<string?> AnswerAsync(
        Func<Message, Task> handler,
        string name = "test-two",
        string request = "{\"id\":\"h1\",\"sentBy\":\"ghost\",\"data\":{\"a\":1}}")
    {
        await StartAsync(name, Wire, handler);
        var peer = await DialAsync(name);
        await peer.SendAsync(request);
        var frame = await peer.ReadAsync();
        return (string?)JObject.Parse(frame![..^1])["data"];
    }
}

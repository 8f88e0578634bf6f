using Link.Spec.Support;
using Newtonsoft.Json.Linq;

namespace Link.Spec;

/// <summary>SPEC.md, Process Two 5-9: from the handler to the bytes of the reply.</summary>
public sealed partial class ProcessTwoTests
{
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

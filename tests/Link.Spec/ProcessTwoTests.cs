using Link.Abstractions;
using Link.Spec.Support;
using Newtonsoft.Json.Linq;

namespace Link.Spec;

/// <summary>SPEC.md, Process Two 1-4: from the bytes of the request to the handler.</summary>
public sealed partial class ProcessTwoTests : SpecTests
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
}

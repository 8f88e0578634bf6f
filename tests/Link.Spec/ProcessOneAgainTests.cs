using Link.Abstractions;
using Link.Spec.Support;
using Link.Testing;

namespace Link.Spec;

/// <summary>SPEC.md, Process One again: from the bytes of the reply to the end of the promise.</summary>
public sealed class ProcessOneAgainTests : SpecTests
{
    [Theory, Step("OneAgain.1")]
    [InlineData("{\"success\":true,\"id\":\"q\",\"a\":[1]}")]
    [InlineData(" { \"a\" : [ 1 ] , \"id\" : \"q\" , \"success\" : true } ")]
    [InlineData("{\"success\":false,\"id\":\"other\",\"success\":true,\"id\":\"q\",\"a\":[1]}")]
    [InlineData("{\"\\u0073uccess\":true,\"id\":\"\\u0071\",\"a\":[1]}")]
    public async Task A_reply_is_parsed_as_JSON(string text)
    {
        var reply = await AnsweredAsync("\"q\"", text);

        Assert.True(reply.Success);
        Assert.Equal("q", reply.Id);
        Assert.Equal(1, (int?)reply["a"]![0]);
    }

    [Theory, Step("OneAgain.1")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("7")]
    [InlineData("{bad json}")]
    public async Task Text_that_is_no_reply_is_dropped_and_reported(string text)
    {
        var reported = Deadline.Signal<Exception>();
        var (sender, peer, _, sent) = await AskAsync(new { id = "q" });
        sender.Error += (_, e) => reported.TrySetResult(e.Error);

        await peer.SendAsync(text);
        Assert.Equal(LinkError.ProtocolViolation, Assert.IsType<LinkException>(await reported.Task.Soon()).Error);
        await peer.SendAsync("{\"success\":true,\"id\":\"q\"}");

        Assert.True((await sent.Soon()).Success);
    }

    [Fact, Step("OneAgain.2")]
    public async Task A_reply_answers_the_request_with_its_id()
    {
        var (sender, peer, _, first) = await AskAsync(new { id = "a" });
        var second = sender.SendAsync("test-two", new { id = "b" });
        await peer.ReceiveAsync();

        await peer.SendAsync("{\"success\":true,\"id\":\"b\",\"to\":\"b\"}");
        await peer.SendAsync("{\"success\":true,\"id\":\"a\",\"to\":\"a\"}");

        Assert.Equal("a", (string?)(await first.Soon())["to"]);
        Assert.Equal("b", (string?)(await second.Soon())["to"]);
    }

    [Fact, Step("OneAgain.3")]
    public async Task Ids_are_compared_strictly()
    {
        var (sender, peer, _, number) = await AskAsync(new { id = 42 });
        var text = sender.SendAsync("test-two", new { id = "42" });
        await peer.ReceiveAsync();

        await peer.SendAsync("{\"success\":true,\"id\":\"42\",\"to\":\"text\"}");
        await peer.SendAsync("{\"success\":true,\"id\":42,\"to\":\"number\"}");

        Assert.Equal("number", (string?)(await number.Soon())["to"]);
        Assert.Equal("text", (string?)(await text.Soon())["to"]);
    }

    [Theory, Step("OneAgain.3")]
    [InlineData("42", "42.0")]
    [InlineData("42", "4.2e1")]
    [InlineData("1E2", "100")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("-0.0", "0")]
    [InlineData("\"a/b\"", "\"\\u0061\\/b\"")]
    public async Task One_value_may_be_written_in_several_ways(string asked, string answered)
    {
        var (_, peer, _, sent) = await AskAsync(Payload.FromJson($"{{\"id\":{asked}}}"));

        await peer.SendAsync($"{{\"success\":true,\"id\":{answered}}}");

        Assert.True((await sent.Soon()).Success);
    }

    [Theory, Step("OneAgain.3.1")]
    [InlineData("{\"success\":true,\"id\":\"unknown\"}")]
    [InlineData("{\"success\":true,\"id\":null}")]
    [InlineData("{\"success\":true,\"id\":{}}")]
    [InlineData("{\"success\":true}")]
    [InlineData("{}")]
    public async Task A_reply_with_an_unknown_id_is_ignored(string text)
    {
        var (sender, peer, _, sent) = await AskAsync(new { id = "q" });

        await peer.SendAsync(text);
        await peer.SendAsync("{\"success\":true,\"id\":\"q\",\"n\":1}");

        Assert.Equal(1, (int?)(await sent.Soon())["n"]);
        Assert.Equal(1, sender.Statistics.UnknownReplies);
    }

    [Fact, Step("OneAgain.3.1")]
    public async Task A_late_reply_is_ignored()
    {
        var clock = new FakeTimeProvider();
        var (sender, peer, _, sent) = await AskAsync(new { id = "late" }, new SendOptions { Timeout = TimeSpan.FromSeconds(7) }, clock);
        clock.Advance(TimeSpan.FromSeconds(7));
        await Assert.ThrowsAsync<LinkException>(() => sent.Soon());

        var next = sender.SendAsync("test-two", new { id = "next" });
        await peer.SendAsync("{\"success\":true,\"id\":\"late\",\"to\":\"late\"}");
        await peer.SendAsync("{\"success\":true,\"id\":\"next\",\"to\":\"next\"}");

        Assert.Equal("next", (string?)(await next.Soon())["to"]);
    }

    [Fact, Step("OneAgain.3.1")]
    public async Task A_reply_on_another_connection_is_ignored()
    {
        var (sender, peer, _, sent) = await AskAsync(new { id = "q" });
        var other = Listen("forger");
        var asked = sender.SendAsync("forger", new { id = "p" });
        var forger = await other.AcceptAsync();

        await forger.SendAsync("{\"success\":true,\"id\":\"q\",\"by\":\"forger\"}");
        await forger.SendAsync("{\"success\":true,\"id\":\"p\"}");
        await asked.Soon();
        Assert.False(sent.IsCompleted);

        await peer.SendAsync("{\"success\":true,\"id\":\"q\",\"by\":\"peer\"}");
        Assert.Equal("peer", (string?)(await sent.Soon())["by"]);
    }

    [Fact, Step("OneAgain.3.2")]
    public async Task A_reply_ends_only_the_request_with_its_id()
    {
        var (sender, peer, _, first) = await AskAsync(new { id = "a" });
        var second = sender.SendAsync("test-two", new { id = "b" });
        await peer.ReceiveAsync();

        await peer.SendAsync("{\"success\":true,\"id\":\"b\"}");
        await second.Soon();
        Assert.False(first.IsCompleted);

        await peer.SendAsync("{\"success\":true,\"id\":\"a\"}");
        await first.Soon();
    }

    [Fact, Step("OneAgain.3.2")]
    public async Task An_id_may_be_used_again_after_its_reply()
    {
        var (sender, peer, _, first) = await AskAsync(new { id = "a" });
        await peer.SendAsync("{\"success\":true,\"id\":\"a\",\"turn\":1}");
        await first.Soon();

        var second = sender.SendAsync("test-two", new { id = "a" });
        await peer.ReceiveAsync();
        await peer.SendAsync("{\"success\":true,\"id\":\"a\",\"turn\":2}");

        Assert.Equal(2, (int?)(await second.Soon())["turn"]);
    }

    [Fact, Step("OneAgain.3.2.1")]
    public async Task The_reply_keeps_its_success_as_it_came()
    {
        var rejection = await Assert.ThrowsAsync<RejectedException>(() => AnsweredAsync("\"q\"", "{\"success\":\"no\",\"id\":\"q\"}"));

        Assert.Equal("no", (string?)rejection.Reply["success"]);
        Assert.False(rejection.Reply.Success);
    }

    [Fact, Step("OneAgain.3.2.2")]
    public async Task Success_true_resolves()
    {
        var reply = await AnsweredAsync("\"q\"", "{\"success\":true,\"id\":\"q\",\"response\":\"Hello world!\"}");

        Assert.Equal(
            "{\"success\":true,\"id\":\"q\",\"response\":\"Hello world!\"}",
            reply.Data.ToString(Newtonsoft.Json.Formatting.None));
    }

    [Theory, Step("OneAgain.3.2.2")]
    [InlineData("false")]
    [InlineData("null")]
    [InlineData("0")]
    [InlineData("\"\"")]
    [InlineData("1")]
    [InlineData("\"no\"")]
    [InlineData("\"true\"")]
    [InlineData("{}")]
    [InlineData(null)]
    public async Task Any_other_success_rejects(string? success)
    {
        var text = success is null ? "{\"id\":\"q\",\"n\":1}" : $"{{\"success\":{success},\"id\":\"q\",\"n\":1}}";

        var rejection = await Assert.ThrowsAsync<RejectedException>(() => AnsweredAsync("\"q\"", text));

        Assert.Equal(text, rejection.Reply.Data.ToString(Newtonsoft.Json.Formatting.None));
    }

    /// <summary>What a request with this id ends in when the peer answers with this text.</summary>
    private async Task<Reply> AnsweredAsync(string id, string reply)
    {
        var (_, peer, _, sent) = await AskAsync(Newtonsoft.Json.Linq.JObject.Parse($"{{\"id\":{id}}}"));
        await peer.SendAsync(reply);
        return await sent.Soon();
    }
}

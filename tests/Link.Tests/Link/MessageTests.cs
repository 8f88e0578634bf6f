using Link.Abstractions;
using Link.InMemory;
using Link.Testing;
using Link.Tests.Support;
using Newtonsoft.Json.Linq;

namespace Link.Tests;

public sealed class MessageTests : ServerTest
{
    private readonly Inbox<Message> _messages = new();

    private sealed record Question(int Number);

    [Fact]
    public async Task A_message_says_what_came_and_from_whom()
    {
        var (message, _) = await AskAsync(new { id = "x", number = 5 });
        Assert.Equal("x", message.Id);
        Assert.Equal("caller", message.SentBy);
        Assert.Equal("""{"id":"x","number":5}""", message.Payload.ToString());
        Assert.Equal(5, (int)message.Data["number"]!);
        Assert.Same(message.Data, message.Data);
        Assert.Equal(new Question(5), message.As<Question>());
        Assert.Equal("caller", message.Peer.Name);
        Assert.False(message.Peer.IsDialled);
        Assert.False(message.IsReplied);
    }

    [Fact]
    public async Task A_message_is_replied_once()
    {
        var (message, reply) = await AskAsync(new { id = "x" });
        await Within.Deadline(message.ReplyAsync(new { a = 1 }));
        Assert.True(message.IsReplied);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => message.ReplyAsync(new { a = 2 }));
        Assert.Equal("The request x has already been replied and cannot be replied again.", refused.Message);
        refused = await Assert.ThrowsAsync<InvalidOperationException>(() => message.ReplyAsync(Payload.FromJson("{}")));
        Assert.Equal("The request x has already been replied and cannot be replied again.", refused.Message);
        Assert.Equal("""{"success":true,"id":"x","a":1}""", (await Within.Deadline(reply)).ToString());
    }

    [Fact]
    public async Task Of_many_replies_at_once_one_is_made()
    {
        for (var round = 0; round < 50; round++)
        {
            var (message, reply) = await AskAsync(new { });
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
            {
                try
                {
                    await message.ReplyAsync(new { number });
                    return number;
                }
                catch (InvalidOperationException)
                {
                    return -1;
                }
            })));
            Assert.Equal(outcomes.Max(), (int)(await Within.Deadline(reply))["number"]!);
            Assert.Equal(3, outcomes.Count(outcome => outcome == -1));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text")]
    [InlineData(5)]
    [InlineData(new int[] { 1 })]
    public async Task A_reply_that_is_no_object_needs_a_success_and_may_then_be_made(object? data)
    {
        var (message, reply) = await AskAsync(new { });
        await Assert.ThrowsAsync<ArgumentException>(() => message.ReplyAsync(data));
        Assert.False(message.IsReplied);
        await Within.Deadline(message.ReplyAsync(data, success: true));
        Assert.True((await Within.Deadline(reply)).Success);
    }

    [Fact]
    public async Task A_reply_that_failed_may_be_repeated()
    {
        var (message, reply) = await AskAsync(new { }, new InMemoryOptions { MaxFrameBytes = 1000 });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => message.ReplyAsync(new { }, null, new CancellationToken(true)));
        await FailsAsync(LinkError.TooLarge, RequestFate.NotSent, () => message.ReplyAsync(new { text = new string('x', 1000) }));
        await FailsAsync(LinkError.InvalidData, RequestFate.NotSent, () => message.ReplyAsync(new { type = typeof(string).GetMethods()[0] }));
        await Assert.ThrowsAsync<ArgumentException>(() => message.ReplyAsync(new Payload("{\"a\":"u8.ToArray())));
        Assert.False(message.IsReplied);
        await Within.Deadline(message.ReplyAsync(new { ok = 1 }));
        Assert.Equal(1, (int)(await Within.Deadline(reply))["ok"]!);
    }

    [Fact]
    public async Task A_reply_over_a_lost_connection_is_not_sent()
    {
        var (message, reply) = await AskAsync(new { });
        await Within.Deadline(Caller!.DisposeAsync());
        await FailsAsync(LinkError.Disposed, RequestFate.Unknown, () => reply);
        await Within.Until(async () =>
        {
            try
            {
                await message.ReplyAsync(new { });
                return false;
            }
            catch (LinkException exception)
            {
                Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), (exception.Error, exception.Fate));
                return true;
            }
        });
    }

    public static TheoryData<object?, bool?, string> Forms => new()
    {
        { new { response = "Hello" }, null, """{"success":true,"id":"x","response":"Hello"}""" },
        { new { response = "Hello" }, false, """{"success":false,"id":"x","response":"Hello"}""" },
        { new { success = false, why = 1 }, null, """{"success":false,"id":"x","why":1}""" },
        { new { success = true, why = 1 }, false, """{"success":true,"id":"x","why":1}""" },
        { new { success = false }, true, """{"success":false,"id":"x"}""" },
        { new Dictionary<string, int> { ["b"] = 1, ["1"] = 2 }, null, """{"1":2,"success":true,"id":"x","b":1}""" },
        { new JObject { ["Any"] = new JArray(1) }, null, """{"success":true,"id":"x","Any":[1]}""" },
        { Payload.FromJson("""{"a":1}"""), null, """{"success":true,"id":"x","a":1}""" },
        { new { }, null, """{"success":true,"id":"x"}""" },
        { null, true, """{"success":true,"id":"x"}""" },
        { null, false, """{"success":false,"id":"x"}""" },
        { "no", false, """{"0":"n","1":"o","success":false,"id":"x"}""" },
        { new object[] { 1, "two" }, true, """{"0":1,"1":"two","success":true,"id":"x"}""" },
        { 5, true, """{"success":true,"id":"x"}""" },
        { default(Payload), true, """{"success":true,"id":"x"}""" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_reply_has_the_form_of_the_original(object? data, bool? success, string expected)
    {
        var (message, promise) = await AskAsync(new { id = "x" });
        await Within.Deadline(message.ReplyAsync(data, success));
        string actual;
        try
        {
            actual = (await Within.Deadline(promise)).ToString();
        }
        catch (RejectedException exception)
        {
            actual = exception.Reply.ToString();
            Assert.Contains("\"success\":false", expected, StringComparison.Ordinal);
        }

        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task A_reply_with_another_id_answers_no_request()
    {
        var (message, reply) = await AskAsync(new { id = "x" });
        await Within.Deadline(message.ReplyAsync(new { id = "y" }));
        await Within.Until(() => Caller!.Statistics.UnknownReplies == 1);
        Assert.False(reply.IsCompleted);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"true\"")]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task Only_true_is_a_success(string success)
    {
        var (message, reply) = await AskAsync(new { });
        await Within.Deadline(message.ReplyAsync(Payload.FromJson($$"""{"success":{{success}}}""")));
        var rejected = await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(reply));
        Assert.False(rejected.Reply.Success);
        Assert.True(JToken.DeepEquals(Payload.FromJson(success).AsToken(), rejected.Reply["success"]));
    }

    private Server? Caller { get; set; }

    private async Task<(Message Message, Task<Reply> Reply)> AskAsync(object data, InMemoryOptions? bounds = null)
    {
        if (Caller is null)
        {
            await StartAsync(
                "peer",
                message =>
                {
                    _messages.Put(message);
                    return Task.CompletedTask;
                },
                Options(bounds));
            Caller = await StartAsync("caller");
        }

        var reply = Caller.SendAsync("peer", data);
        return (await _messages.NextAsync(), reply);
    }
}

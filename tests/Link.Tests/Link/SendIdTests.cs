using Link.Abstractions;
using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests;

/// <summary>The ids that callers choose (SPEC.md, One.11).</summary>
public sealed class SendIdTests : ServerTest
{
    [Theory]
    [InlineData("\"mine\"", "mine")]
    [InlineData("\"\"", "")]
    [InlineData("42", "42")]
    [InlineData("-0.5", "-0.5")]
    [InlineData("null", "null")]
    [InlineData("true", "true")]
    [InlineData("false", "false")]
    [InlineData("\"\\u00e9\"", "é")]
    public async Task A_member_id_of_the_data_is_the_id(string json, string text)
    {
        var ids = new Inbox<string?>();
        await StartAsync("peer", message =>
        {
            ids.Put(message.Id);
            return Echo(message);
        });
        var caller = Create("caller");
        var reply = await Within.Deadline(caller.SendAsync("peer", Payload.FromJson($$"""{"a":1,"id":{{json}}}""")));
        Assert.Equal(text, reply.Id);
        Assert.Equal(text, await ids.NextAsync());
        Assert.Equal(Payload.FromJson(json).AsToken(), reply["id"]);
        Assert.Equal(Payload.FromJson(json).AsToken(), reply["data"]!["id"]);
    }

    [Fact]
    public async Task The_options_may_give_the_id()
    {
        var caller = await CallerOfEchoAsync();
        Assert.Equal("mine", (await Within.Deadline(caller.SendAsync("peer", new { }, new SendOptions { Id = "mine" }))).Id);
        Assert.Equal("mine", (await Within.Deadline(caller.SendAsync("peer", new { id = "mine" }, new SendOptions { Id = "mine" }))).Id);
        Assert.Equal("mine", (await Within.Deadline(caller.SendAsync("peer", new[] { 1 }, new SendOptions { Id = "mine" }))).Id);
    }

    [Theory]
    [InlineData("\"other\"")]
    [InlineData("1")]
    [InlineData("null")]
    public async Task Options_that_contradict_the_data_are_refused(string id)
    {
        var caller = await CallerOfEchoAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => Within.Deadline(
            caller.SendAsync("peer", Payload.FromJson($$"""{"id":{{id}}}"""), new SendOptions { Id = id.Trim('"') + "x" })));
        await Assert.ThrowsAsync<ArgumentException>(() => Within.Deadline(
            caller.SendAsync("peer", Payload.FromJson("""{"id":1}"""), new SendOptions { Id = "1" })));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    public async Task An_id_is_a_scalar(string id)
    {
        var caller = await CallerOfEchoAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => Within.Deadline(caller.SendAsync("peer", Payload.FromJson($$"""{"id":{{id}}}"""))));
    }

    [Fact]
    public async Task Without_a_choice_every_request_has_an_id_of_its_own()
    {
        var caller = await CallerOfEchoAsync();
        var replies = await Within.Deadline(Task.WhenAll(Enumerable.Range(0, 200).Select(_ => caller.SendAsync("peer", new { }))));
        Assert.Equal(200, replies.Select(reply => reply.Id).Distinct().Count());
        Assert.All(replies, reply => Assert.Matches("^[0-9a-z]{14,26}$", reply.Id));
    }

    [Fact]
    public async Task An_id_that_is_pending_is_refused_until_it_is_free()
    {
        var messages = new Inbox<Message>();
        await StartAsync("peer", Keep(messages));
        await StartAsync("other", Keep(messages));
        var caller = Create("caller");
        var first = caller.SendAsync("peer", new { id = 1 });
        var message = await messages.NextAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => Within.Deadline(caller.SendAsync("peer", new { id = 1 })));
        await Assert.ThrowsAsync<ArgumentException>(() => Within.Deadline(caller.SendAsync("peer", Payload.FromJson("""{"id":1.0}"""))));
        Assert.Equal(1, caller.Statistics.PendingRequests);

        var text = caller.SendAsync("peer", new { id = "1" });
        var elsewhere = caller.SendAsync("other", new { id = 1 });
        await message.ReplyAsync(new { });
        await Within.Deadline(first);
        var again = caller.SendAsync("peer", new { id = 1 });
        for (var count = 0; count < 3; count++)
        {
            await (await messages.NextAsync()).ReplyAsync(new { });
        }

        await Within.Deadline(Task.WhenAll(text, elsewhere, again));
        Assert.Equal(0, caller.Statistics.PendingRequests);
    }

    private static Func<Message, Task> Keep(Inbox<Message> messages) => message =>
    {
        messages.Put(message);
        return Task.CompletedTask;
    };
}

using Link.Abstractions;
using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests;

public sealed class HandlerTests : ServerTest
{
    private sealed record Question(int Number);

    private sealed record Answer(int Twice, string? From = null);

    [Fact]
    public async Task A_handler_may_return_a_task()
    {
        await StartAsync("peer", async message =>
        {
            await Task.Yield();
            await message.ReplyAsync(new { ok = 1 });
        });
        Assert.Equal(1, (int)(await AskAsync())["ok"]!);
    }

    [Fact]
    public async Task A_handler_may_return_nothing()
    {
        var peer = Create("peer");
        peer.OnMessage((Message message) => { _ = message.ReplyAsync(new { ok = 2 }); });
        await Within.Deadline(peer.StartAsync());
        Assert.Equal(2, (int)(await AskAsync())["ok"]!);
    }

    [Fact]
    public async Task A_handler_may_reply_after_it_has_ended()
    {
        var messages = new Inbox<Message>();
        var peer = await StartAsync("peer", message =>
        {
            messages.Put(message);
            return Task.CompletedTask;
        });
        var asked = AskAsync();
        var message = await messages.NextAsync();
        await Within.Until(() => peer.Statistics.RunningHandlers == 0);
        await Within.Deadline(message.ReplyAsync(new { ok = 3 }));
        Assert.Equal(3, (int)(await asked)["ok"]!);
    }

    [Fact]
    public async Task A_typed_handler_returns_the_reply()
    {
        var peer = Create("peer");
        peer.OnMessage<Question, Answer>(question => Task.FromResult(new Answer(2 * question.Number)));
        await Within.Deadline(peer.StartAsync());
        Assert.Equal(new Answer(42), await Within.Deadline(Create("caller").SendAsync<Answer>("peer", new Question(21))));
    }

    [Fact]
    public async Task A_typed_handler_may_see_the_message()
    {
        var peer = Create("peer");
        peer.OnMessage<Question, Answer>((question, message) => Task.FromResult(new Answer(2 * question.Number, message.SentBy)));
        await Within.Deadline(peer.StartAsync());
        Assert.Equal(new Answer(2, "caller"), await Within.Deadline(Create("caller").SendAsync<Answer>("peer", new Question(1))));
    }

    [Fact]
    public async Task A_typed_handler_may_reply_by_itself()
    {
        var peer = Create("peer");
        peer.OnMessage<Question, Answer?>(async (question, message) =>
        {
            await message.ReplyAsync(new { twice = 7 });
            return null;
        });
        await Within.Deadline(peer.StartAsync());
        Assert.Equal(7, (int)(await AskAsync())["twice"]!);
    }

    [Fact]
    public async Task There_is_one_handler()
    {
        var server = Create("one");
        server.OnMessage(Echo);
        Assert.Throws<InvalidOperationException>(() => server.OnMessage(Echo));
        Assert.Throws<InvalidOperationException>(() => server.OnMessage((Message _) => { }));
        Assert.Throws<InvalidOperationException>(() => server.OnMessage<Question, Answer>(_ => Task.FromResult(new Answer(0))));
        Assert.Throws<InvalidOperationException>(() => server.OnMessage<Question, Answer>((_, _) => Task.FromResult(new Answer(0))));
        await Within.Deadline(server.StartAsync());
    }

    [Fact]
    public void A_handler_is_not_null()
    {
        var server = Create("one");
        Assert.Throws<ArgumentNullException>(() => server.OnMessage((Func<Message, Task>)null!));
        Assert.Throws<ArgumentNullException>(() => server.OnMessage((Action<Message>)null!));
        Assert.Throws<ArgumentNullException>(() => server.OnMessage((Func<Question, Task<Answer>>)null!));
        Assert.Throws<ArgumentNullException>(() => server.OnMessage((Func<Question, Message, Task<Answer>>)null!));
    }

    [Fact]
    public async Task Without_a_handler_requests_are_rejected()
    {
        await StartAsync("peer");
        var rejected = await RejectedAsync();
        Assert.Equal("NO_HANDLER", rejected.Code);
        Assert.False(rejected.Reply.Success);
    }

    [Fact]
    public async Task A_typed_handler_that_returns_null_rejects()
    {
        var peer = Create("peer");
        peer.OnMessage<Question, Answer?>(_ => Task.FromResult<Answer?>(null));
        await Within.Deadline(peer.StartAsync());
        Assert.Equal("NO_REPLY", (await RejectedAsync()).Code);
    }

    [Theory]
    [InlineData("""{"number":"many"}""")]
    [InlineData("""["number"]""")]
    public async Task Data_that_does_not_fit_a_typed_handler_is_rejected(string data)
    {
        var peer = Create("peer");
        peer.OnMessage<Question, Answer>(_ => Task.FromResult(new Answer(0)));
        await Within.Deadline(peer.StartAsync());
        Assert.Equal("INVALID_DATA", (await RejectedAsync(data)).Code);
    }

    [Fact]
    public async Task Data_that_does_not_fit_what_a_handler_asks_for_is_rejected()
    {
        await StartAsync("peer", message => message.ReplyAsync(new { number = message.As<Question>()!.Number }));
        Assert.Equal("INVALID_DATA", (await RejectedAsync("""{"number":"many"}""")).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_that_throws_rejects_with_its_message_and_without_its_stack(bool later)
    {
        await StartAsync("peer", async _ =>
        {
            if (later)
            {
                await Task.Yield();
            }

            throw new InvalidTimeZoneException("It broke.");
        });
        var rejected = await RejectedAsync(id: "x");
        Assert.Equal("HANDLER_FAILED", rejected.Code);
        Assert.Equal("""{"success":false,"id":"x","code":"HANDLER_FAILED","message":"It broke."}""", rejected.Reply.ToString());
    }

    [Fact]
    public async Task A_handler_that_throws_at_once_rejects()
    {
        await StartAsync("peer", _ => throw new InvalidTimeZoneException("At once."));
        Assert.Equal("HANDLER_FAILED", (await RejectedAsync()).Code);
    }

    [Fact]
    public async Task A_handler_that_gives_no_task_rejects()
    {
        await StartAsync("peer", _ => null!);
        Assert.Equal("HANDLER_FAILED", (await RejectedAsync()).Code);
    }

    [Fact]
    public async Task A_handler_that_throws_after_its_reply_has_replied()
    {
        await StartAsync("peer", async message =>
        {
            await message.ReplyAsync(new { ok = 4 });
            throw new InvalidTimeZoneException();
        });
        Assert.Equal(4, (int)(await AskAsync())["ok"]!);
    }

    private Task<Reply> AskAsync() => Within.Deadline(Create("caller").SendAsync("peer", new { number = 1 }));

    private Task<RejectedException> RejectedAsync(string data = """{"number":1}""", string? id = null) => Assert.ThrowsAsync<RejectedException>(
        () => Within.Deadline(Create("caller").SendAsync("peer", Payload.FromJson(data), new SendOptions { Id = id })));
}

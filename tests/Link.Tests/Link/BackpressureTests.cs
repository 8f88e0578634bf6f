using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests;

public sealed class BackpressureTests : ServerTest
{
    [Fact]
    public async Task At_the_limit_a_connection_of_requests_is_not_read()
    {
        using var directory = new SocketDirectory();
        var options = new ServerOptions { SocketRoot = directory.Path, AllowMultiple = true, HandlerConcurrency = 2 };
        var (messages, handler) = Held();
        var peer = await StartAsync("peer", handler, options);
        var caller = Create("caller", options);
        var calls = Enumerable.Range(0, 6).Select(number => caller.SendAsync("peer", new { number })).ToList();
        var first = await messages.NextAsync();
        var second = await messages.NextAsync();
        Assert.Equal(2, peer.Statistics.RunningHandlers);

        // What is not read cannot be seen to be unread but in this: no further handler began before one ended.
        Assert.False(messages.TryNext(out _));
        var next = first;
        for (var handled = 2; handled < calls.Count; handled++)
        {
            await next.EndAsync();
            next = await messages.NextAsync();
            Assert.False(messages.TryNext(out _));
            Assert.InRange(peer.Statistics.RunningHandlers, 1, 2);
        }

        await next.EndAsync();
        await second.EndAsync();
        await Within.Deadline(Task.WhenAll(calls));
        Assert.Equal(0, peer.Statistics.RefusedRequests);
    }

    [Fact]
    public async Task At_the_limit_a_connection_of_both_refuses()
    {
        var (messages, handler) = Held();
        var peer = await StartAsync("peer", handler, Options() with { HandlerConcurrency = 2 });
        var caller = Create("caller");
        var held = Enumerable.Range(0, 2).Select(_ => caller.SendAsync("peer", new { })).ToList();
        var first = await messages.NextAsync();
        var second = await messages.NextAsync();
        for (var count = 1; count <= 5; count++)
        {
            var refused = await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(caller.SendAsync("peer", new { })));
            Assert.Equal("OVERLOADED", refused.Code);
            Assert.Equal(count, peer.Statistics.RefusedRequests);
        }

        await first.EndAsync();
        await Within.Until(() => peer.Statistics.RunningHandlers == 1);
        var accepted = caller.SendAsync("peer", new { });
        await (await messages.NextAsync()).EndAsync();
        await second.EndAsync();
        await Within.Deadline(Task.WhenAll([.. held, accepted]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_that_call_each_other_at_the_limit_do_not_stall(bool overSockets)
    {
        using var directory = new SocketDirectory();
        ServerOptions Limited() => (overSockets
            ? new ServerOptions { SocketRoot = directory.Path, AllowMultiple = true }
            : Options()) with { HandlerConcurrency = 1 };

        // Handlers that ask back would hold each other's only slot: these end at once, while both sides send all they can.
        var one = await StartAsync("one", Echo, Limited());
        var two = await StartAsync("two", Echo, Limited());
        var calls = Enumerable.Range(0, 200).SelectMany(number => (Task<bool>[])[
            AskAsync(one, "two", number), AskAsync(two, "one", number)]).ToList();
        var accepted = (await Within.Deadline(Task.WhenAll(calls))).Count(answer => answer);
        Assert.NotEqual(0, accepted);
        if (overSockets)
        {
            Assert.Equal(calls.Count, accepted);
        }
    }

    [Fact]
    public async Task Handlers_at_the_limit_may_ask_the_peer_that_asked_them()
    {
        var one = Create("one", Options() with { HandlerConcurrency = 4 });
        var two = Create("two", Options() with { HandlerConcurrency = 4 });
        one.OnMessage(message => AnswerAsync(one, "two", message));
        two.OnMessage(message => AnswerAsync(two, "one", message));
        await Within.Deadline(one.StartAsync());
        await Within.Deadline(two.StartAsync());
        var calls = Enumerable.Range(0, 100).SelectMany(number => (Task<bool>[])[
            AskAsync(one, "two", number), AskAsync(two, "one", number)]);
        await Within.Deadline(Task.WhenAll(calls));
    }

    private static async Task AnswerAsync(Server server, string peer, Message message)
    {
        var answer = (int?)message.Data["depth"] == 1 || await AskAsync(server, peer, 0, depth: 1);
        await message.ReplyAsync(new { answer });
    }

    /// <summary>False when the request was refused for the limit.</summary>
    private static async Task<bool> AskAsync(Server server, string peer, int number, int depth = 0)
    {
        try
        {
            return (await server.SendAsync(peer, new { number, depth })).Success;
        }
        catch (RejectedException exception) when (exception.Code == "OVERLOADED")
        {
            return false;
        }
    }

    private static (Inbox<HeldMessage> Messages, Func<Message, Task> Handler) Held()
    {
        var messages = new Inbox<HeldMessage>();
        return (messages, message =>
        {
            var held = new HeldMessage(message);
            messages.Put(held);
            return held.Ended;
        });
    }

    private sealed class HeldMessage(Message message)
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _end.Task;

        public async Task EndAsync()
        {
            await Within.Deadline(message.ReplyAsync(new { }));
            _end.SetResult();
        }
    }
}

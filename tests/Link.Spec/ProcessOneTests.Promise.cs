using Link.Abstractions;
using Link.Spec.Support;
using Link.Testing;

namespace Link.Spec;

/// <summary>SPEC.md, Process One 15-20: the promise.</summary>
public sealed partial class ProcessOneTests
{
    [Fact, Step("One.15")]
    public async Task The_task_does_not_end_before_the_reply()
    {
        var (_, peer, request, sent) = await AskAsync(new { n = 1 });
        Assert.False(sent.IsCompleted);

        await peer.SendAsync($"{{\"success\":true,\"id\":\"{request["id"]}\"}}");

        Assert.True((await sent.Soon()).Success);
    }

    [Fact, Step("One.16")]
    public async Task The_task_can_give_a_reply_or_throw_a_rejection()
    {
        await StartAsync("test-two", Memory, message => message.ReplyAsync(new { why = "asked" }, (bool?)message.Data["want"]));
        var sender = Make("test-one", Memory);

        var reply = await sender.SendAsync("test-two", new { want = true }).Soon();
        var rejection = await Assert.ThrowsAsync<RejectedException>(() => sender.SendAsync("test-two", new { want = false }).Soon());

        Assert.True(reply.Success);
        Assert.False(rejection.Reply.Success);
        Assert.Equal("asked", (string?)rejection.Reply["why"]);
    }

    [Fact, Step("One.17")]
    public async Task The_task_ends_once()
    {
        var (sender, peer, request, sent) = await AskAsync(new { n = 1 });
        await peer.SendAsync($"{{\"success\":true,\"id\":\"{request["id"]}\",\"turn\":1}}");
        await peer.SendAsync($"{{\"success\":false,\"id\":\"{request["id"]}\",\"turn\":2}}");

        Assert.Equal(1, (int?)(await sent.Soon())["turn"]);

        var next = sender.SendAsync("test-two", new { n = 2 });
        await peer.SendAsync($"{{\"success\":true,\"id\":\"{(await peer.ReceiveAsync())["id"]}\"}}");
        Assert.True((await next.Soon()).Success);
    }

    [Fact, Step("One.17")]
    public async Task The_task_ends_when_no_reply_comes_in_time()
    {
        var clock = new FakeTimeProvider();
        var (_, _, _, sent) = await AskAsync(new { n = 1 }, new SendOptions { Timeout = TimeSpan.FromSeconds(7) }, clock);
        Assert.False(sent.IsCompleted);

        clock.Advance(TimeSpan.FromSeconds(7));

        var failure = await Assert.ThrowsAsync<LinkException>(() => sent.Soon());

        Assert.Equal((LinkError.Timeout, RequestFate.Unknown), (failure.Error, failure.Fate));
    }

    [Fact, Step("One.17")]
    public async Task The_task_ends_when_the_connection_is_lost()
    {
        var (_, peer, _, sent) = await AskAsync(new { n = 1 });
        peer.Dispose();

        var failure = await Assert.ThrowsAsync<LinkException>(() => sent.Soon());

        Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (failure.Error, failure.Fate));
    }

    [Fact, Step("One.17")]
    public async Task The_task_ends_when_the_server_is_disposed()
    {
        var (sender, _, _, sent) = await AskAsync(new { n = 1 });
        await sender.DisposeAsync().AsTask().Soon();

        var failure = await Assert.ThrowsAsync<LinkException>(() => sent.Soon());

        Assert.Equal((LinkError.Disposed, RequestFate.Unknown), (failure.Error, failure.Fate));
    }

    [Fact, Step("One.17")]
    public async Task The_task_ends_when_the_caller_cancels()
    {
        using var cancellation = new CancellationTokenSource();
        var listener = Listen("test-two");
        var sent = Make("test-one", Wire).SendAsync("test-two", new { n = 1 }, cancellation.Token);
        await (await listener.AcceptAsync()).ReceiveAsync();

        await cancellation.CancelAsync();

        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent.Soon());
        var cause = Assert.IsType<LinkException>(failure.InnerException);
        Assert.Equal((LinkError.Cancelled, RequestFate.Unknown), (cause.Error, cause.Fate));
    }

    [Fact, Step("One.18")]
    public async Task Many_requests_are_pending_at_once()
    {
        var (sender, peer, first, sent) = await AskAsync(new { n = 0 });
        var pending = Enumerable.Range(1, 99).Select(n => sender.SendAsync("test-two", new { n })).Prepend(sent).ToList();
        var requests = new List<string?> { (string?)first["id"] };
        while (requests.Count < pending.Count)
        {
            requests.Add((string?)(await peer.ReceiveAsync())["id"]);
        }

        Assert.DoesNotContain(pending, task => task.IsCompleted);
        for (var n = requests.Count - 1; n >= 0; n--)
        {
            await peer.SendAsync($"{{\"success\":true,\"id\":\"{requests[n]}\",\"n\":{n}}}");
        }

        var replies = await Task.WhenAll(pending).Soon();
        Assert.Equal(Enumerable.Range(0, 100), replies.Select(reply => (int)reply["n"]!));
    }

    [Fact, Step("One.19")]
    public async Task The_request_is_pending_before_its_first_byte_is_written()
    {
        var sender = Make("test-one", new ServerOptions { Transport = new AnsweringTransport(), AllowMultiple = true });

        Assert.True((await sender.SendAsync("test-two", new { n = 1 }).Soon()).Success);
    }

    [Fact, Step("One.19")]
    public async Task The_same_id_may_be_pending_with_two_peers()
    {
        var bothAsked = new CountdownEvent(2);
        var go = Deadline.Signal();
        foreach (var name in new[] { "alpha", "beta" })
        {
            await StartAsync(name, Memory, async message =>
            {
                if (bothAsked.Signal())
                {
                    go.SetResult();
                }

                await go.Task.Soon();
                await message.ReplyAsync(new { by = name });
            });
        }

        var sender = Make("test-one", Memory);
        var replies = await Task.WhenAll(sender.SendAsync("alpha", new { id = 1 }), sender.SendAsync("beta", new { id = 1 })).Soon();

        Assert.Equal(["alpha", "beta"], replies.Select(reply => (string?)reply["by"]));
    }

    [Fact, Step("One.20")]
    public async Task The_caller_gets_the_task()
    {
        await StartAsync("test-two", Memory, Echo);

        Task<Reply> task = Make("test-one", Memory).SendAsync("test-two", new { n = 1 });

        Assert.Same(await task.Soon(), await task);
    }

    [Fact, Step("One.20")]
    public async Task The_caller_gets_a_task_of_the_type_it_asked_for()
    {
        await StartAsync("test-two", Memory, message => message.ReplyAsync(new { test = "Hello world!" }));

        Task<Greeting> task = Make("test-one", Memory).SendAsync<Greeting>("test-two", new { content = "Hello" });

        Assert.Equal(new Greeting("Hello world!"), await task.Soon());
    }
}

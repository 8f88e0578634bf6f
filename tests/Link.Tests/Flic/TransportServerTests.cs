using Link.Abstractions;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>Two servers over one bridge: what a caller sees.</summary>
public sealed class TransportServerTests : TransportScene
{
    [Fact]
    public async Task The_example_of_the_readme_works_over_a_bridge()
    {
        await StartAsync("test-two", message => message.ReplyAsync(new { response = $"{message.Data["content"]} world!", sender = message.SentBy }));
        var one = await StartAsync("test-one");

        var reply = await Within.Deadline(one.SendAsync("test-two", new { content = "Hello" }));

        Assert.Equal("Hello world!", (string?)reply["response"]);
        Assert.Equal("test-one", (string?)reply["sender"]);
    }

    [Fact]
    public async Task Servers_may_ask_each_other_at_once_and_themselves()
    {
        var one = await StartAsync("one", Echo);
        var two = await StartAsync("two", Echo);
        var replies = Enumerable.Range(0, 50).SelectMany(number => new[]
        {
            one.SendAsync("two", new { number }), two.SendAsync("one", new { number }), one.SendAsync("one", new { number }),
        }).ToArray();

        foreach (var (reply, index) in (await Within.Deadline(Task.WhenAll(replies))).Select((reply, index) => (reply, index)))
        {
            Assert.Equal(index / 3, (int?)reply["data"]?["number"]);
        }
    }

    [Fact]
    public async Task A_handler_may_ask_back_before_it_replies()
    {
        var one = await StartAsync("one", Echo);
        Server? two = null;
        two = await StartAsync("two", async message => await message.ReplyAsync(new { back = await two!.SendAsync("one", new { }) is not null }));

        Assert.True((bool?)(await Within.Deadline(one.SendAsync("two", new { })))["back"]);
    }

    [Fact]
    public async Task A_rejection_arrives_with_the_whole_reply()
    {
        await StartAsync("two", message => message.ReplyAsync(new { code = "NO", why = 7 }, success: false));

        var rejection = await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(Make("one").SendAsync("two", new { })));

        Assert.Equal("NO", rejection.Code);
        Assert.Equal(7, (int?)rejection.Reply["why"]);
    }

    [Fact]
    public async Task A_handler_that_fails_rejects()
    {
        await StartAsync("two", _ => throw new InvalidOperationException("broken"));

        var rejection = await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(Make("one").SendAsync("two", new { })));

        Assert.Equal("HANDLER_FAILED", rejection.Code);
    }

    [Fact]
    public async Task A_request_without_a_reply_ends_by_its_timeout()
    {
        var clock = new FakeTimeProvider();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await StartAsync("two", async _ =>
        {
            arrived.SetResult();
            await held.Task;
        });
        var sent = Make("one", adjust: options => options with { TimeProvider = clock }).SendAsync("two", new { });
        await Within.Deadline(arrived.Task);

        clock.Advance(TimeSpan.FromSeconds(31));

        var timeout = await FailsAsync(LinkError.Timeout, () => sent);
        Assert.Equal(RequestFate.Unknown, timeout.Fate);
        held.SetResult();
    }

    [Fact]
    public async Task A_name_that_nobody_has_fails_at_once()
    {
        var missing = await FailsAsync(LinkError.NoSuchPeer, () => Make("one").SendAsync("nobody", new { }));
        Assert.Equal(RequestFate.NotSent, missing.Fate);
    }

    [Fact]
    public async Task WaitForPeer_waits_for_a_node_to_come()
    {
        var one = Make("one", adjust: options => options with { WaitForPeer = Timeout.InfiniteTimeSpan, Retry = TimeSpan.FromMilliseconds(1) });
        var sent = one.SendAsync("two", new { });
        await StartAsync("two", Echo);

        await Within.Deadline(sent);
    }

    [Fact]
    public async Task Without_a_bridge_there_is_no_peer_and_no_name()
    {
        await Within.Deadline(Bridge.CloseAsync());
        var node = Node with { ConnectAttempts = 1 };

        var missing = await FailsAsync(LinkError.NoSuchPeer, () => Make("one", node).SendAsync("two", new { }));
        var taken = await FailsAsync(LinkError.NoSuchPeer, () => Make("one", node).StartAsync());

        Assert.Contains("bridge", missing.Message, StringComparison.Ordinal);
        Assert.Contains("bridge", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_name_is_told()
    {
        await StartAsync("one");
        var taken = await FailsAsync(LinkError.NameUnavailable, () => Make("one").StartAsync());
        Assert.Contains("duplicate-node", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_is_killed_fails_what_is_pending_and_its_successor_is_found()
    {
        var one = Make("one");
        var two = await JoinAsync("two");
        var pending = Enumerable.Range(0, 3).Select(number => one.SendAsync("two", new { number })).ToArray();
        await ReadRequestsAsync(two, 3);

        two.Reset();

        foreach (var call in pending)
        {
            Assert.Equal(RequestFate.Unknown, (await FailsAsync(LinkError.ConnectionLost, () => call)).Fate);
        }

        await StartAsync("two", Echo);
        await Within.Deadline(one.SendAsync("two", new { }));
    }

    [Fact]
    public async Task A_server_that_stops_and_starts_again_is_found_again()
    {
        var one = Make("one");
        var two = await StartAsync("two", Echo);
        await Within.Deadline(one.SendAsync("two", new { }));
        await Within.Deadline(two.DisposeAsync());
        await Within.Until(() => !one.HasPeer("two"));
        await FailsAsync(LinkError.NoSuchPeer, () => one.SendAsync("two", new { }));

        await StartAsync("two", Echo);
        await Within.Deadline(one.SendAsync("two", new { }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_bridge_that_ends_fails_everything_that_is_pending(bool inOrder)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new SemaphoreSlim(0);
        using var relay = new TransportRelay(Bridge.Endpoint!.Port);
        var node = Node with { Port = relay.Port };
        await StartAsync("two", async _ =>
        {
            arrived.Release();
            await held.Task;
        });
        var one = Make("one", node);
        var pending = Enumerable.Range(0, 20).Select(number => one.SendAsync("two", new { number })).ToArray();
        for (var count = 0; count < pending.Length; count++)
        {
            Assert.True(await arrived.WaitAsync(Within.Default));
        }

        if (inOrder)
        {
            await Within.Deadline(Bridge.CloseAsync());
        }
        else
        {
            relay.Cut();
        }

        foreach (var call in pending)
        {
            Assert.Equal(RequestFate.Unknown, (await FailsAsync(LinkError.ConnectionLost, () => call)).Fate);
        }

        held.SetResult();
    }

    [Fact]
    public async Task A_server_whose_bridge_is_lost_says_that_nobody_can_reach_it()
    {
        var errors = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var two = await StartAsync("two", Echo);
        two.Error += (_, e) => errors.TrySetResult(e.Error);

        await Within.Deadline(Bridge.CloseAsync());

        Assert.Contains("The name two can no longer be reached.", (await Within.Deadline(errors.Task)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_to_reconnect_has_its_name_again_as_soon_as_there_is_a_bridge()
    {
        using var relay = new TransportRelay(Bridge.Endpoint!.Port);
        await StartAsync("two", Echo, Node with { Port = relay.Port, Reconnect = true });
        var one = Make("one", adjust: options => options with { WaitForPeer = Timeout.InfiniteTimeSpan, Retry = TimeSpan.FromMilliseconds(1) });
        await Within.Deadline(one.SendAsync("two", new { }));

        relay.Cut();

        await Within.Until(async () =>
        {
            try
            {
                await one.SendAsync("two", new { });
                return true;
            }
            catch (LinkException)
            {
                // The loss may be on its way still.
                return false;
            }
        });
    }

    [Fact]
    public async Task A_thousand_requests_in_one_burst_all_get_their_replies()
    {
        await StartAsync("two", Echo);
        var one = Make("one");
        var replies = await Within.Deadline(Task.WhenAll(Enumerable.Range(0, 1000).Select(number => one.SendAsync("two", new { number }))));
        Assert.Equal(Enumerable.Range(0, 1000), replies.Select(reply => (int)reply["data"]!["number"]!));
    }

    private static async Task ReadRequestsAsync(BridgeClient node, int count)
    {
        while (count > 0)
        {
            if ((await node.ReadAsync("TELL")).Contains("\"message\"", StringComparison.Ordinal))
            {
                count--;
            }
        }
    }
}

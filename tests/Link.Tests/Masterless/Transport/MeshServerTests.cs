using Link.Abstractions;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Transport;

/// <summary>Servers over a mesh: what a caller sees, with lines of JSON and with MessagePack.</summary>
public sealed class MeshServerTests : MeshScene
{
    public static TheoryData<MeshFormat> Formats => [MeshFormat.Json, MeshFormat.MessagePack];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task The_example_of_the_readme_works_over_a_mesh(MeshFormat format)
    {
        await StartAsync("two", message => message.ReplyAsync(new { response = $"{message.Data["content"]} world!", sender = message.SentBy }), With(format));
        var one = await StartAsync("one", options: With(format));

        var reply = await Within.Deadline(one.SendAsync("two", new { content = "Hello" }));

        Assert.Equal("Hello world!", (string?)reply["response"]);
        Assert.Equal("one", (string?)reply["sender"]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Servers_may_ask_each_other_at_once_and_themselves_over_one_connection(MeshFormat format)
    {
        var one = await StartAsync("one", Echo, With(format));
        var two = await StartAsync("two", Echo, With(format));
        var replies = Enumerable.Range(0, 100).SelectMany(number => new[]
        {
            one.SendAsync("two", new { number }), two.SendAsync("one", new { number }), one.SendAsync("one", new { number }),
        }).ToArray();

        foreach (var (reply, index) in (await Within.Deadline(Task.WhenAll(replies))).Select((reply, index) => (reply, index)))
        {
            Assert.Equal(index / 3, (int?)reply["data"]?["number"]);
            Assert.Equal(index % 3 == 1 ? "two" : "one", (string?)reply["peer"]);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_server_asks_one_that_has_connected_to_it_without_an_address(MeshFormat format)
    {
        var two = await StartAsync("two", Echo, With(format));
        var one = await StartAsync("no-address", Echo, With(format));
        await FailsAsync(LinkError.NoSuchPeer, () => two.SendAsync("no-address", new { }));
        await Within.Deadline(one.SendAsync("two", new { }));

        Assert.Equal("two", (string?)(await Within.Deadline(two.SendAsync("no-address", new { })))["peer"]);
    }

    [Fact]
    public async Task Both_may_begin_at_once_and_all_requests_are_answered()
    {
        for (var round = 0; round < 20; round++)
        {
            var (nameOfOne, nameOfTwo) = (TestNames.Next(), TestNames.Next());
            var one = await StartAsync(nameOfOne, Echo);
            var two = await StartAsync(nameOfTwo, Echo);

            var replies = await Within.Deadline(Task.WhenAll(
                Task.Run(() => one.SendAsync(nameOfTwo, new { })), Task.Run(() => two.SendAsync(nameOfOne, new { }))));

            Assert.Equal([nameOfOne, nameOfTwo], replies.Select(reply => (string?)reply["peer"]));
            await one.DisposeAsync();
            await two.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_server_that_has_not_started_asks_without_a_name_and_can_be_asked_once_it_has()
    {
        var two = await StartAsync("two", Echo);
        var one = Make("one");
        one.OnMessage(Echo);
        var before = await Within.Deadline(one.SendAsync("two", new { }));
        await Within.Deadline(one.StartAsync());

        var back = await Within.Deadline(two.SendAsync("one", new { }));

        Assert.Equal("one", (string?)before["from"]);
        Assert.Null((string?)before["peer"]);
        Assert.Equal("two", (string?)back["peer"]);
        await Within.Deadline(one.SendAsync("two", new { }));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_rejection_arrives_with_the_whole_reply(MeshFormat format)
    {
        await StartAsync("two", message => message.ReplyAsync(new { code = "NO", why = 7 }, success: false), With(format));

        var rejection = await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(Make("one", With(format)).SendAsync("two", new { })));

        Assert.Equal("NO", rejection.Code);
        Assert.Equal(7, (int?)rejection.Reply["why"]);
    }

    [Fact]
    public async Task Beyond_the_limit_of_handlers_requests_are_refused_and_replies_still_come()
    {
        using var release = new SemaphoreSlim(0);
        var two = await StartAsync("two", async message =>
        {
            await release.WaitAsync();
            await message.ReplyAsync(new { });
        }, adjust: options => options with { HandlerConcurrency = 1 });
        var one = await StartAsync("one", Echo);
        var first = one.SendAsync("two", new { });
        await Within.Until(() => two.Statistics.RunningHandlers == 1);

        var refusal = await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(one.SendAsync("two", new { })));
        await Within.Deadline(two.SendAsync("one", new { }));
        release.Release();

        Assert.Equal("OVERLOADED", refusal.Code);
        await Within.Deadline(first);
    }

    [Fact]
    public async Task What_is_pending_at_a_lost_peer_fails_at_once_and_the_next_request_finds_its_successor()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var two = await StartAsync("two", _ =>
        {
            arrived.SetResult();
            return new TaskCompletionSource().Task;
        });
        var one = await StartAsync("one");
        var sent = one.SendAsync("two", new { });
        await Within.Deadline(arrived.Task);

        await Within.Deadline(two.DisposeAsync());
        var lost = await FailsAsync(LinkError.ConnectionLost, () => sent);
        await FailsAsync(LinkError.NoSuchPeer, () => one.SendAsync("two", new { }));
        await StartAsync("two", Echo);

        Assert.Equal(RequestFate.Unknown, lost.Fate);
        Assert.Equal("one", (string?)(await Within.Deadline(one.SendAsync("two", new { })))["peer"]);
    }

    [Fact]
    public async Task A_peer_is_waited_for()
    {
        var one = Make("one", adjust: options => options with { WaitForPeer = TimeSpan.FromSeconds(30), Retry = TimeSpan.FromMilliseconds(10) });
        var sent = one.SendAsync("two", new { });
        await StartAsync("two", Echo);

        await Within.Deadline(sent);
    }

    [Fact]
    public async Task A_server_that_disconnects_may_ask_again_at_once()
    {
        await StartAsync("two", Echo);
        var one = await StartAsync("one");
        for (var round = 0; round < 50; round++)
        {
            await Within.Deadline(one.SendAsync("two", new { round }));
            await Within.Deadline(one.DisconnectAsync("two"));
        }
    }

    [Fact]
    public async Task Both_may_disconnect_and_ask_again_at_any_time()
    {
        var one = await StartAsync("one", Echo);
        var two = await StartAsync("two", Echo);
        await Within.Deadline(Task.WhenAll(AskAsync(one, "two"), AskAsync(two, "one")));

        static async Task AskAsync(Server server, string peer)
        {
            for (var round = 0; round < 40; round++)
            {
                try
                {
                    await Within.Deadline(server.SendAsync(peer, new { round }));
                    await Within.Deadline(server.DisconnectAsync(peer));
                }
                catch (LinkException exception)
                {
                    // The other has disconnected meanwhile.
                    Assert.Equal(LinkError.ConnectionLost, exception.Error);
                }
            }
        }
    }

    [Fact]
    public async Task A_payload_written_by_hand_over_several_lines_arrives()
    {
        await StartAsync("two", Echo);
        var data = Payload.FromJson("{\r\n  \"one\": 1,\r\n\r\n  \"two\": [\r2,\n3]\r\n}\r\n");

        var reply = await Within.Deadline(Make("one").SendAsync("two", data));

        Assert.Equal("{\"one\":1,\"two\":[2,3]}", reply["data"]?.ToString(Newtonsoft.Json.Formatting.None));
    }

    [Fact]
    public async Task An_address_may_stand_for_a_name()
    {
        await StartAsync("two", Echo);

        var reply = await Within.Deadline(Make("no-name").SendAsync(Table["two"], new { }));

        Assert.True((bool?)reply["success"]);
    }

    private MeshOptions With(MeshFormat format) => Quiet with { Format = format };
}

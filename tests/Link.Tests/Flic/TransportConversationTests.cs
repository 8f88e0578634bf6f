using System.Text;
using Link.Abstractions;
using Link.Flic;
using Link.Streams;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>The connections of a transport over a bridge, where they are more than those of other transports.</summary>
public sealed class TransportConversationTests : TransportScene
{
    [Fact]
    public async Task Equal_ids_to_two_nodes_come_back_to_their_own_requests()
    {
        var (one, two) = (await BindAsync("one"), await BindAsync("two"));
        var dialler = Create();
        var (toOne, toTwo) = (await DialAsync(dialler, "one"), await DialAsync(dialler, "two"));
        var id = RequestId.FromJson("42"u8.ToArray());
        await toOne.WriteAsync(Request(id));
        await toTwo.WriteAsync(Request(id));

        await ReplyAsync(await AcceptAsync(two), "2");
        await ReplyAsync(await AcceptAsync(one), "1");

        Assert.Equal((id, "1"), await ReadReplyAsync(toOne));
        Assert.Equal((id, "2"), await ReadReplyAsync(toTwo));
    }

    [Fact]
    public async Task An_id_that_no_bridge_would_remember_comes_back_all_the_same()
    {
        var two = await BindAsync("two");
        var dialled = await DialAsync(Create(), "two");
        var id = RequestId.FromString(new string('x', 5000));
        await dialled.WriteAsync(Request(id));

        await ReplyAsync(await AcceptAsync(two), "1");

        Assert.Equal((id, "1"), await ReadReplyAsync(dialled));
    }

    [Fact]
    public async Task The_acceptor_knows_the_name_of_a_bound_dialler_and_none_of_another()
    {
        var two = await BindAsync("two");
        await DialAsync(await BindAsync("one"), "two");
        Assert.Equal("one", (await AcceptAsync(two)).Peer.Name);

        await DialAsync(Create(), "two");
        Assert.Null((await AcceptAsync(two)).Peer.Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_is_at_the_other_end_hears_of_a_loss_although_nothing_is_pending(bool dialler)
    {
        using var relay = new TransportRelay(Bridge.Endpoint!.Port);
        var cut = Node with { Port = relay.Port };
        var two = await BindAsync("two", dialler ? Node : cut);
        var dialled = await DialAsync(Create(dialler ? cut : null), "two");
        var accepted = await AcceptAsync(two);

        relay.Cut();

        var lost = await FailsAsync(LinkError.ConnectionLost, async () => await (dialler ? accepted : dialled).ReadAsync());
        Assert.Contains("node-lost", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_on_a_connection_that_the_acceptor_has_closed_begins_no_new_one()
    {
        var two = await BindAsync("two");
        var dialled = await DialAsync(Create(), "two");
        var accepted = await AcceptAsync(two);
        for (var number = 0; number < 100; number++)
        {
            await dialled.WriteAsync(Request(RequestId.FromString($"{number}")), more: true);
        }

        await Within.Deadline(accepted.DisposeAsync());
        dialled.Flush();
        Assert.Null(await Within.Deadline(dialled.ReadAsync()));

        // Whatever had begun by a request would come before this one.
        var last = await DialAsync(await BindAsync("last"), "two");
        Assert.Equal("last", (await AcceptAsync(two)).Peer.Name);
        await last.DisposeAsync();
    }

    [Fact]
    public async Task A_plain_node_that_waits_for_nothing_makes_room_and_one_that_waits_does_not()
    {
        var two = await BindAsync("two", Node with { MaxConnections = 2 });
        using var idle = await JoinAsync("idle");
        using var waiting = await JoinAsync("waiting");
        using var newcomer = await JoinAsync("newcomer");
        using var refused = await JoinAsync("refused");
        await TellAsync(idle, "two");
        var first = await AcceptAsync(two);
        await ReplyAsync(first, "1");
        await ReadAnswerAsync(idle);
        await TellAsync(waiting, "two");
        var second = await AcceptAsync(two);

        await TellAsync(newcomer, "two");

        Assert.Null(await Within.Deadline(first.ReadAsync()));
        Assert.Equal("newcomer", (await AcceptAsync(two)).Peer.Name);
        await TellAsync(refused, "two");
        Assert.Equal("""["asked",["overloaded"]]""", await ReadAnswerAsync(refused));
        Assert.Equal(LinkError.Overloaded, (await Within.Deadline(two.Faults.ReadAsync())).Error);
        await ReplyAsync(second, "2");
        Assert.Equal("""["asked",[null,{"success":true,"id":"asked","value":2}]]""", await ReadAnswerAsync(waiting));
    }

    [Fact]
    public async Task A_plain_node_that_waits_for_too_long_makes_room()
    {
        var clock = new FakeTimeProvider();
        var two = await BindAsync("two", Node with { MaxConnections = 1, TimeProvider = clock });
        using var waiting = await JoinAsync("waiting");
        using var newcomer = await JoinAsync("newcomer");
        await TellAsync(waiting, "two");
        var first = await AcceptAsync(two);
        await TellAsync(newcomer, "two");
        Assert.Equal("""["asked",["overloaded"]]""", await ReadAnswerAsync(newcomer));

        clock.Advance(Node.TellTimeout + TimeSpan.FromSeconds(1));
        await TellAsync(newcomer, "two");

        Assert.Equal("newcomer", (await AcceptAsync(two)).Peer.Name);
        Assert.NotNull(await Within.Deadline(first.ReadAsync()));
        Assert.Null(await Within.Deadline(first.ReadAsync()));
        var closing = two.DisposeAsync().AsTask();
        await Within.Until(() =>
        {
            clock.Advance(Node.TellTimeout + TimeSpan.FromSeconds(1));
            return closing.IsCompleted;
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plain_node_that_is_gone_has_no_connection_any_more(bool waits)
    {
        var two = await BindAsync("two", Node with { MaxConnections = 1 });
        var cat = await JoinAsync("cat");
        await TellAsync(cat, "two");
        var accepted = await AcceptAsync(two);
        if (waits)
        {
            Assert.NotNull(await Within.Deadline(accepted.ReadAsync()));
        }
        else
        {
            await ReplyAsync(accepted, "1");
            await ReadAnswerAsync(cat);
        }

        cat.Dispose();

        var end = Within.Deadline(accepted.ReadAsync());
        if (waits)
        {
            Assert.Equal(LinkError.ConnectionLost, (await Assert.ThrowsAsync<LinkException>(() => end)).Error);
        }
        else
        {
            Assert.Null(await end);
        }

        using var next = await JoinAsync("next");
        await TellAsync(next, "two");
        Assert.Equal("next", (await AcceptAsync(two)).Peer.Name);
    }

    [Fact]
    public async Task What_waits_to_be_read_counts_with_the_frames_it_came_in()
    {
        var limits = new StreamLimits { MaxFrameBytes = 128 * 1024, OutboundBacklogBytes = 256 * 1024 };
        await BindAsync("two", Node with { Limits = limits });
        using var sly = await BridgeClient.JoinAsLinkAsync(Bridge, "sly");
        for (var count = 0; count < 3; count++)
        {
            await sly.SendAsync($$"""{"id":"{{count}}","method":"TELL","data":["two","message",[{},"{{new string('x', 100_000)}}"]]}""");
        }

        Assert.Equal("""["2",["overloaded"]]""", await ReadAnswerAsync(sly));
    }

    [Fact]
    public async Task A_name_that_is_given_up_is_left_in_time_although_a_plain_node_never_answers()
    {
        var clock = new FakeTimeProvider();
        using var mute = await JoinAsync("mute");
        var one = await BindAsync("one", Node with { TimeProvider = clock });
        var dialled = await DialAsync(one, "mute");
        await dialled.WriteAsync(Request(RequestId.FromString("asked")));

        await Within.Deadline(one.UnbindAsync());
        Assert.Contains("one", Bridge.Nodes);
        clock.Advance(Node.TellTimeout);

        // Closing a socket looks at the clock, too.
        var read = dialled.ReadAsync().AsTask();
        await Within.Until(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            return read.IsCompleted;
        });
        Assert.Null(await read);
        await Within.Deadline(Create().BindAsync("one"));
    }

    [Fact]
    public async Task A_connection_outlives_its_transport_until_its_owner_disposes_it()
    {
        var two = await BindAsync("two");
        var dialler = Create();
        var dialled = await DialAsync(dialler, "two");
        Assert.Same(dialled, await AcceptAsync(dialler));
        await Within.Deadline(dialler.DisposeAsync());

        await dialled.WriteAsync(Request(RequestId.FromString("asked")));
        await ReplyAsync(await AcceptAsync(two), "1");
        Assert.Equal("1", (await ReadReplyAsync(dialled)).Value);

        Assert.Equal(2, Bridge.Nodes.Count);
        await Within.Deadline(dialled.DisposeAsync());
        Assert.Equal(["two"], Bridge.Nodes);
    }

    [Fact]
    public async Task A_frame_that_an_original_node_cannot_read_fails_its_request_alone()
    {
        using var original = await JoinAsync("original");
        var dialled = await DialAsync(Create(), "original");
        var large = $$"""{"text":"{{new string('x', 100_000)}}"}""";
        await dialled.WriteAsync(new Envelope { Kind = EnvelopeKind.Request, Id = RequestId.FromString("large"), Payload = Payload.FromJson(large) });

        var reply = await Within.Deadline(dialled.ReadAsync());

        Assert.Equal((RequestId.FromString("large"), LinkError.TooLarge), (reply!.Value.Id, reply.Value.Failure!.Error));
        await dialled.WriteAsync(Request(RequestId.FromString("small")));
        Assert.Contains("link:open", await original.ReadAsync("TELL"), StringComparison.Ordinal);
        Assert.Contains("small", await original.ReadAsync("TELL"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_too_many_requests_without_an_answer_the_oldest_is_forgotten_and_reported()
    {
        using var mute = await JoinAsync("mute");
        var dialler = Create(Node with { MaxPendingTells = 2 });
        var dialled = await DialAsync(dialler, "mute");
        for (var number = 0; number < 3; number++)
        {
            await dialled.WriteAsync(Request(RequestId.FromString($"{number}")));
        }

        Assert.Equal(LinkError.Overloaded, (await Within.Deadline(dialler.Faults.ReadAsync())).Error);
        for (var number = 0; number < 3; number++)
        {
            await mute.SendAsync($$"""{"id":"a{{number}}","method":"ACK","data":["{{await AskerAsync(mute)}}","{{number}}",[null,{{number}}]]}""");
        }

        Assert.Equal(RequestId.FromString("1"), (await Within.Deadline(dialled.ReadAsync()))!.Value.Id);
        Assert.Equal(RequestId.FromString("2"), (await Within.Deadline(dialled.ReadAsync()))!.Value.Id);
    }

    [Fact]
    public async Task A_malformed_frame_of_the_bridge_ends_the_connections_with_that_cause()
    {
        using var listener = new RawBridge();
        var dialler = Create(Node with { Port = listener.Port });
        var dialling = dialler.ConnectAsync("two").AsTask();
        await listener.AcceptAsync();
        await listener.EchoAsync();
        var dialled = await Within.Deadline(dialling);

        await listener.SendAsync("{broken");

        await FailsAsync(LinkError.ProtocolViolation, async () => await dialled.ReadAsync());
    }

    [Fact]
    public async Task A_bridge_that_says_nothing_is_given_up_in_time()
    {
        var clock = new FakeTimeProvider();
        using var listener = new RawBridge();
        var dialler = Create(Node with { Port = listener.Port, TimeProvider = clock });
        var dialling = dialler.ConnectAsync("two").AsTask();
        await listener.AcceptAsync();
        while (!(await listener.ReadAsync()).Contains("link:echo", StringComparison.Ordinal))
        {
        }

        await Within.Until(() =>
        {
            clock.Advance(Node.ConnectTimeout);
            return dialling.IsCompleted;
        });

        await FailsAsync(LinkError.Timeout, () => dialling);
    }

    private async Task<IConnection> DialAsync(FlicTransport dialler, string name) => Own(await Within.Deadline(dialler.ConnectAsync(name)));

    private static Envelope Request(RequestId id) => new() { Kind = EnvelopeKind.Request, Id = id, Payload = new Payload("{}"u8.ToArray()) };

    private static Task TellAsync(BridgeClient node, string target) =>
        node.SendAsync($$"""{"id":"asked","method":"TELL","data":["{{target}}","message",[{}]],"nodeName":"{{node.Name}}"}""");

    /// <summary>Answers the next request.</summary>
    private static async Task ReplyAsync(IConnection accepted, string value)
    {
        var id = (await Within.Deadline(accepted.ReadAsync()))!.Value.Id;
        var reply = Encoding.UTF8.GetBytes($$"""{"success":true,"id":{{Encoding.UTF8.GetString(id.Json.Span)}},"value":{{value}}}""");
        await Within.Deadline(accepted.WriteAsync(new Envelope { Kind = EnvelopeKind.Reply, Id = id, Success = true, Payload = new Payload(reply) }));
    }

    private static async Task<(RequestId Id, string Value)> ReadReplyAsync(IConnection dialled)
    {
        var reply = (await Within.Deadline(dialled.ReadAsync()))!.Value;
        return (reply.Id, reply.Payload.AsToken()["value"]!.ToString());
    }

    private static async Task<string> AskerAsync(BridgeClient node)
    {
        while (true)
        {
            var data = Newtonsoft.Json.Linq.JArray.Parse(await node.ReadAsync("TELL"));
            if ((string?)data[2] == "message")
            {
                return (string)data[0]!;
            }
        }
    }

    /// <summary>The next answer, past the TELL that says that the connection is watched.</summary>
    private static async Task<string> ReadAnswerAsync(BridgeClient node)
    {
        while (true)
        {
            var frame = await node.ReadAsync() ?? throw new InvalidDataException("The bridge has closed.");
            if (!frame.Contains("link:watch", StringComparison.Ordinal))
            {
                var data = frame.IndexOf("\"data\":", StringComparison.Ordinal) + "\"data\":".Length;
                Assert.Contains("\"method\":\"ACK\"", frame, StringComparison.Ordinal);
                return frame[data..^1];
            }
        }
    }
}

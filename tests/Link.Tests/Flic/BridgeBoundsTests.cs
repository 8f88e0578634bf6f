using System.Text;
using Link.Abstractions;
using Link.Flic;
using Link.Streams;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>What one node may not do to the others, and what no node may do to the bridge.</summary>
public sealed class BridgeBoundsTests : IAsyncDisposable
{
    private static readonly FlicBridgeOptions Defaults = new() { Port = 0 };

    private readonly List<FlicBridge> _bridges = [];

    public static TheoryData<byte[]> Malformed() =>
    [
        "{bad\0"u8.ToArray(),
        "{\"id\":\"t\"}{}\0"u8.ToArray(),
        "{\"id\":'t'}\0"u8.ToArray(),
        [.. "{\"id\":\""u8, 0xff, .. "\"}\0"u8],
        [.. "{\"data\":"u8, .. Encoding.ASCII.GetBytes(new string('[', 100) + new string(']', 100)), .. "}\0"u8],
    ];

    public async ValueTask DisposeAsync()
    {
        foreach (var bridge in _bridges)
        {
            await Within.Deadline(bridge.DisposeAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Who_sends_what_is_not_JSON_is_closed_and_the_others_go_on(byte[] bytes)
    {
        var (bridge, watch) = await StartAsync(Defaults);
        using var one = await BridgeClient.JoinAsync(bridge, "one");
        using var two = await BridgeClient.JoinAsync(bridge, "two");
        using var bad = await BridgeClient.JoinAsync(bridge, "bad");

        await bad.WriteAsync(bytes);

        await bad.ReadToEndAsync();
        var error = await watch.ErrorAsync();
        Assert.Equal((LinkError.ProtocolViolation, "bad"), (error.Error.Error, error.Peer!.Name));
        await AssertTellsAsync(one, two);
    }

    [Fact]
    public async Task Who_sends_a_frame_over_the_limit_is_closed()
    {
        var (bridge, watch) = await StartAsync(Defaults with { Limits = new StreamLimits { MaxFrameBytes = 1024 } });
        using var one = await BridgeClient.JoinAsync(bridge, "one");

        await one.WriteAsync(Encoding.ASCII.GetBytes($"\"{new string('x', 2000)}"));

        await one.ReadToEndAsync();
        Assert.Equal(LinkError.TooLarge, (await watch.ErrorAsync()).Error.Error);
    }

    [Fact]
    public async Task Who_does_not_finish_a_frame_is_closed()
    {
        var (bridge, watch) = await StartAsync(Defaults with { Limits = new StreamLimits { UnfinishedFrameTimeout = TimeSpan.FromMilliseconds(50) } });
        using var one = await BridgeClient.JoinAsync(bridge, "one");

        await one.WriteAsync("{\"id\":"u8.ToArray());

        await one.ReadToEndAsync();
        Assert.Equal(LinkError.Timeout, (await watch.ErrorAsync()).Error.Error);
    }

    [Fact]
    public async Task Who_ends_inside_a_frame_is_reported()
    {
        var (bridge, watch) = await StartAsync(Defaults);
        using var one = await BridgeClient.JoinAsync(bridge, "one");

        await one.WriteAsync("""{"id":"t","method":"TELL","data":["one","e",[]]}"""u8.ToArray());
        one.EndWriting();

        await one.ReadToEndAsync();
        Assert.Equal(LinkError.ProtocolViolation, (await watch.ErrorAsync()).Error.Error);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task A_tell_that_an_original_could_not_read_is_answered(int beyond, bool arrives)
    {
        var (bridge, _) = await StartAsync(Defaults);
        using var original = await BridgeClient.JoinAsync(bridge, "original");
        using var teller = await BridgeClient.JoinAsLinkAsync(bridge, "teller");
        var around = """{"id":"00000000-0000-0000-0000-000000000000","method":"TELL","data":["teller","t","e",[""]]}""".Length;
        var text = new string('x', BridgeNode.LargestForOriginals - around + beyond);

        await teller.SendAsync($$"""{"id":"t","method":"TELL","data":["original","e",["{{text}}"]]}""");

        if (arrives)
        {
            Assert.Equal($"""["teller","t","e",["{text}"]]""", await original.ReadAsync("TELL"));
            return;
        }

        Assert.Equal("""["t",["too-large"]]""", await teller.ReadAsync("ACK"));
        await original.AssertNothingCameAsync();
    }

    [Fact]
    public async Task An_answer_that_an_original_could_not_read_becomes_an_error()
    {
        var (bridge, _) = await StartAsync(Defaults);
        using var original = await BridgeClient.JoinAsync(bridge, "original");
        using var told = await BridgeClient.JoinAsLinkAsync(bridge, "told");
        await original.SendAsync("""{"id":"t","method":"TELL","data":["told","e",[]]}""");
        await told.ReadAsync("TELL");

        await told.SendAsync($$"""{"id":"a","method":"ACK","data":["original","t",[null,"{{new string('x', 70_000)}}"]]}""");

        Assert.Equal("""["t",["answer-too-large"]]""", await original.ReadAsync("ACK"));
    }

    [Fact]
    public async Task A_shout_that_an_original_could_not_read_goes_to_the_others_and_is_reported()
    {
        var (bridge, watch) = await StartAsync(Defaults);
        using var original = await BridgeClient.JoinAsync(bridge, "original");
        using var other = await BridgeClient.JoinAsLinkAsync(bridge, "other");
        using var shouter = await BridgeClient.JoinAsLinkAsync(bridge, "shouter");
        var text = new string('x', 70_000);

        await shouter.SendAsync($$"""{"id":"s","method":"SHOUT","data":["e","{{text}}"]}""");

        Assert.Equal($"""["e","{text}"]""", await other.ReadAsync("SHOUT"));
        var error = await watch.ErrorAsync();
        Assert.Equal((LinkError.TooLarge, "original"), (error.Error.Error, error.Peer!.Name));
        await original.AssertNothingCameAsync();
    }

    [Fact]
    public async Task A_frame_that_is_too_large_once_it_is_passed_on_is_refused()
    {
        var (bridge, _) = await StartAsync(Defaults with { Limits = new StreamLimits { MaxFrameBytes = 200 } });
        using var one = await BridgeClient.JoinAsLinkAsync(bridge, "one");
        using var two = await BridgeClient.JoinAsLinkAsync(bridge, "two");
        var tell = """{"id":"t","method":"TELL","data":["one","e",["x"]]}""";

        await two.SendAsync(tell.Replace("x", new string('x', 200 - tell.Length), StringComparison.Ordinal));

        Assert.Equal("""["t",["too-large"]]""", await two.ReadAsync("ACK"));
    }

    [Fact]
    public async Task A_node_that_does_not_read_is_cut_and_every_tell_to_it_is_answered_once()
    {
        var (bridge, watch) = await StartAsync(Defaults with { Limits = new StreamLimits { MaxFrameBytes = 128 * 1024, OutboundBacklogBytes = 256 * 1024 } });
        using var one = await BridgeClient.JoinAsync(bridge, "one");
        using var two = await BridgeClient.JoinAsync(bridge, "two");
        using var slow = await BridgeClient.JoinAsLinkAsync(bridge, "slow");
        using var teller = await BridgeClient.JoinAsLinkAsync(bridge, "teller");
        var (text, answers, told) = (new string('x', 100_000), new Dictionary<string, int>(), 0);

        // What the operating system takes for the slow one is not known: tell until it is gone.
        while (!answers.ContainsKey("unknown-node"))
        {
            await teller.SendAsync($$"""{"id":"{{told++}}","method":"TELL","data":["slow","e",["{{text}}"]]}""");
            await teller.SendAsync("""{"id":"sync","method":"TELL","data":["teller","e",[]]}""");
            for (var frame = await teller.ReadAsync(); !frame!.Contains("\"sync\"", StringComparison.Ordinal); frame = await teller.ReadAsync())
            {
                Count(answers, frame);
            }
        }

        while (answers.Values.Sum() < told)
        {
            Count(answers, (await teller.ReadAsync())!);
        }

        Assert.NotEqual(0, answers["overloaded"]);
        Assert.Equal(told, answers["overloaded"] + answers["unknown-node"] + answers["node-lost"]);
        var error = await watch.ErrorAsync();
        Assert.Equal((LinkError.Overloaded, "slow"), (error.Error.Error, error.Peer!.Name));
        await AssertTellsAsync(one, two);
        await teller.AssertNothingCameAsync();
    }

    [Fact]
    public async Task A_node_that_reads_is_not_cut_because_others_tell_it_more_than_it_can_take()
    {
        var (bridge, watch) = await StartAsync(Defaults with { Limits = new StreamLimits { MaxFrameBytes = 128 * 1024, OutboundBacklogBytes = 256 * 1024 } });
        using var victim = await BridgeClient.JoinAsLinkAsync(bridge, "victim");
        BridgeClient[] flooders = [await BridgeClient.JoinAsLinkAsync(bridge, "a"), await BridgeClient.JoinAsLinkAsync(bridge, "b")];
        var tell = $$"""{"id":"t","method":"TELL","data":["victim","e",["{{new string('x', 100_000)}}"]]}""";

        // Until each has been refused: there was more than the victim could take.
        var flooding = flooders.Select(flooder => Task.Run(async () =>
        {
            var refused = flooder.ReadAsync("ACK");
            while (!refused.IsCompleted)
            {
                await flooder.SendAsync(tell);
            }

            return await refused;
        })).ToArray();
        while (!flooding.All(flooder => flooder.IsCompleted))
        {
            await victim.ReadAsync("TELL");
        }

        Assert.All(await Task.WhenAll(flooding), answer => Assert.Equal("""["t",["overloaded"]]""", answer));
        Assert.Contains("victim", bridge.Nodes);
        Assert.True(watch.HasNoError);
        Array.ForEach(flooders, flooder => flooder.Dispose());
    }

    [Fact]
    public async Task An_original_gets_all_answers_however_long_they_take_to_be_written()
    {
        const int Count = 4000;
        var (bridge, watch) = await StartAsync(Defaults with { Limits = new StreamLimits { WriteTimeout = TimeSpan.FromSeconds(3) } });
        using var original = await BridgeClient.JoinAsync(bridge, "original");
        using var told = await BridgeClient.JoinAsLinkAsync(bridge, "told");
        var padding = new string('p', 100);

        // More than could be told it within the write time.
        await original.SendAsync([.. Enumerable.Range(0, Count).Select(n => $$"""{"id":"{{n}}{{padding}}","method":"TELL","data":["told","e",[]]}""")]);
        for (var count = 0; count < Count; count++)
        {
            await told.ReadAsync("TELL");
        }

        told.Reset();

        for (var count = 0; count < Count; count++)
        {
            Assert.EndsWith(",[\"node-lost\"]]", await original.ReadAsync("ACK"), StringComparison.Ordinal);
        }

        Assert.Contains("original", bridge.Nodes);
    }

    [Fact]
    public async Task Who_sends_nothing_but_what_means_nothing_is_closed()
    {
        var (bridge, watch) = await StartAsync(Defaults);
        using var one = await BridgeClient.JoinAsync(bridge, "one");
        var joins = watch.ChangeAsync();

        await one.SendAsync([.. Enumerable.Repeat("null", 1000)]);

        await one.ReadToEndAsync();
        Assert.Equal("+one", await joins);
        Assert.Equal("-one", await watch.ChangeAsync());
    }

    [Fact]
    public async Task An_original_that_is_told_too_much_is_not_cut_and_the_teller_hears_of_it()
    {
        var limits = new StreamLimits { MaxFrameBytes = 128 * 1024, OutboundBacklogBytes = 256 * 1024, WriteTimeout = Timeout.InfiniteTimeSpan };
        var (bridge, watch) = await StartAsync(Defaults with { Limits = limits });
        using var original = await BridgeClient.JoinAsync(bridge, "original");
        using var teller = await BridgeClient.JoinAsLinkAsync(bridge, "teller");
        var (text, told) = (new string('x', 50_000), 0);

        var answer = teller.ReadAsync("ACK");
        while (!answer.IsCompleted)
        {
            await teller.SendAsync($$"""{"id":"t","method":"TELL","data":["original","e",["{{text}}"]]}""");
            told++;
        }

        Assert.Equal("""["t",["overloaded"]]""", await answer);
        var refused = 1;
        await teller.SendAsync("""{"id":"sync","method":"TELL","data":["nobody","e",[]]}""");
        while (await teller.ReadAsync("ACK") == """["t",["overloaded"]]""")
        {
            refused++;
        }

        for (var arrived = 0; arrived < told - refused; arrived++)
        {
            Assert.Equal($"""["teller","t","e",["{text}"]]""", await original.ReadAsync("TELL"));
        }

        await AssertTellsAsync(teller, original);
        Assert.True(watch.HasNoError);
    }

    [Fact]
    public async Task A_shout_cuts_the_node_that_does_not_read_and_reaches_the_others()
    {
        var (bridge, watch) = await StartAsync(Defaults with { Limits = new StreamLimits { MaxFrameBytes = 128 * 1024, OutboundBacklogBytes = 256 * 1024 } });
        using var slow = await BridgeClient.JoinAsLinkAsync(bridge, "slow");
        using var reader = await BridgeClient.JoinAsLinkAsync(bridge, "reader");
        using var shouter = await BridgeClient.JoinAsLinkAsync(bridge, "shouter");
        var text = new string('x', 100_000);

        var cut = watch.ErrorAsync();
        while (!cut.IsCompleted)
        {
            await shouter.SendAsync($$"""{"id":"s","method":"SHOUT","data":["e","{{text}}"]}""");
            Assert.Equal($"""["e","{text}"]""", await reader.ReadAsync("SHOUT"));
        }

        Assert.Equal("slow", (await cut).Peer!.Name);
        await shouter.AssertNothingCameAsync();
    }

    [Fact]
    public async Task Nodes_that_flood_do_not_starve_the_others()
    {
        var (bridge, _) = await StartAsync(Defaults);
        using var one = await BridgeClient.JoinAsync(bridge, "one");
        using var two = await BridgeClient.JoinAsync(bridge, "two");
        using var stopping = new CancellationTokenSource();
        var flood = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("""{"id":"a","method":"ACK","data":["two","none",[1]]}""" + '\0', 1000)));
        var flooding = Enumerable.Range(0, 4 * Environment.ProcessorCount).Select(number => Task.Run(async () =>
        {
            using var node = await BridgeClient.JoinAsync(bridge, $"flood {number}");
            while (!stopping.IsCancellationRequested)
            {
                await node.WriteAsync(flood);
            }
        })).ToArray();
        await Within.Until(() => bridge.Nodes.Count == flooding.Length + 2);

        for (var round = 0; round < 100; round++)
        {
            await AssertTellsAsync(one, two);
        }

        await stopping.CancelAsync();
        await Within.Deadline(Task.WhenAll(flooding));
    }

    [Fact]
    public async Task A_thousand_nodes_hear_a_shout()
    {
        var (bridge, _) = await StartAsync(Defaults);
        var nodes = new BridgeClient[1000];
        try
        {
            await Parallel.ForAsync(0, nodes.Length, async (number, _) => nodes[number] = await BridgeClient.JoinAsync(bridge, $"node {number}"));
            Assert.Equal(nodes.Length, bridge.Nodes.Count);

            await nodes[0].SendAsync("""{"id":"s","method":"SHOUT","data":["e",[1]]}""");

            var heard = await nodes[1].ReadAsync();
            Assert.Contains("""["e",[1]]""", heard, StringComparison.Ordinal);
            foreach (var node in nodes.Skip(2))
            {
                Assert.Equal(heard, await node.ReadAsync());
            }

            await AssertTellsAsync(nodes[0], nodes[999]);
        }
        finally
        {
            Array.ForEach(nodes, node => node?.Dispose());
        }
    }

    [Fact]
    public async Task There_are_no_more_connections_than_allowed()
    {
        var (bridge, watch) = await StartAsync(Defaults with { MaxNodes = 2 });
        using var one = await BridgeClient.JoinAsync(bridge, "one");
        using var two = await BridgeClient.ConnectAsync(bridge);
        await two.AskForAsync("one");

        using var three = await BridgeClient.ConnectAsync(bridge);
        await three.ReadToEndAsync();
        Assert.Equal(LinkError.Overloaded, (await watch.ErrorAsync()).Error.Error);

        // A place is free when a connection has ended.
        two.Dispose();
        await Within.Until(async () =>
        {
            using var four = await BridgeClient.ConnectAsync(bridge);
            try
            {
                return await four.AskForAsync("four") == "[null]";
            }
            catch (Exception exception) when (exception is System.Net.Sockets.SocketException or InvalidDataException)
            {
                return false;
            }
        });
    }

    private static void Count(Dictionary<string, int> answers, string frame)
    {
        var error = frame.Split('"')[^2];
        answers[error] = answers.GetValueOrDefault(error) + 1;
    }

    private static async Task AssertTellsAsync(BridgeClient one, BridgeClient two)
    {
        await one.SendAsync($$"""{"id":"there","method":"TELL","data":["{{two.Name}}","e",[1]]}""");
        Assert.Equal($"""["{one.Name}","there","e",[1]]""", await two.ReadAsync("TELL"));
        await two.SendAsync($$"""{"id":"back","method":"ACK","data":["{{one.Name}}","there",[2]]}""");
        Assert.Equal("""["there",[2]]""", await one.ReadAsync("ACK"));
    }

    private async Task<(FlicBridge Bridge, BridgeWatch Watch)> StartAsync(FlicBridgeOptions options)
    {
        var bridge = new FlicBridge(options);
        _bridges.Add(bridge);
        var watch = new BridgeWatch(bridge);
        await bridge.StartAsync();
        return (bridge, watch);
    }
}

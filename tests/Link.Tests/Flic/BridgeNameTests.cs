using Link.Abstractions;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>Who gets which name, and what becomes of those who have none.</summary>
public sealed class BridgeNameTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly FlicBridge _bridge;
    private readonly BridgeWatch _watch;

    public BridgeNameTests()
    {
        _bridge = new FlicBridge(new FlicBridgeOptions { Port = 0, TimeProvider = _time, RegisterTimeout = TimeSpan.FromMinutes(10) });
        _watch = new BridgeWatch(_bridge);
    }

    public Task InitializeAsync() => _bridge.StartAsync();

    public async Task DisposeAsync()
    {
        // A polite close looks again after a moment whether its end has arrived: the clock must go on.
        var closing = _bridge.CloseAsync();
        await Within.Until(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            return closing.IsCompleted;
        });
        await closing;
    }

    [Fact]
    public async Task A_bridge_knows_its_nodes_and_says_who_comes_and_goes()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");

        Assert.Equal("+one", await _watch.ChangeAsync());
        var (change, node) = await _watch.NodeAsync();
        Assert.Equal(("+two", "two", two.Endpoint, null), (change, node.Peer.Name, node.Peer.Endpoint, node.Error));
        Assert.Equal(["one", "two"], _bridge.Nodes.Order());

        one.Dispose();
        (change, node) = await _watch.NodeAsync();
        Assert.Equal(("-one", null), (change, node.Error));
        Assert.Equal(["two"], _bridge.Nodes);
    }

    [Fact]
    public async Task A_taken_name_is_refused_and_its_holder_keeps_it()
    {
        using var holder = await BridgeClient.JoinAsync(_bridge, "one");
        using var other = await BridgeClient.ConnectAsync(_bridge);

        Assert.Equal("""["duplicate-node"]""", await other.AskForAsync("one"));

        await other.SendAsync("""{"id":"t","method":"TELL","data":["one","e",[]],"nodeName":"one"}""");
        Assert.Equal("""["t",["not-registered"]]""", await other.ReadAsync("ACK"));
        await holder.AssertNothingCameAsync();
    }

    [Fact]
    public async Task A_refused_node_may_ask_for_another_name()
    {
        using var holder = await BridgeClient.JoinAsync(_bridge, "one");
        using var other = await BridgeClient.ConnectAsync(_bridge);
        Assert.Equal("""["duplicate-node"]""", await other.AskForAsync("one"));

        await other.IdentAsync("two");
        await other.SendAsync("""{"id":"t","method":"TELL","data":["one","e",[]],"nodeName":"two"}""");

        Assert.Equal("""["two","t","e",[]]""", await holder.ReadAsync("TELL"));
    }

    [Fact]
    public async Task The_shout_of_a_refused_node_is_dropped_and_reported()
    {
        using var holder = await BridgeClient.JoinAsync(_bridge, "one");
        using var other = await BridgeClient.ConnectAsync(_bridge);
        await other.AskForAsync("one");

        await other.SendAsync("""{"id":"s","method":"SHOUT","data":["e"],"nodeName":"one"}""");

        Assert.Equal(other.Endpoint, (await _watch.ErrorAsync()).Peer!.Endpoint);
        await holder.AssertNothingCameAsync();
    }

    [Theory]
    [InlineData("""{"id":"i","method":"IDENT","data":[]}""")]
    [InlineData("""{"id":"i","method":"IDENT","data":[],"nodeName":""}""")]
    [InlineData("""{"id":"i","method":"IDENT","data":[],"nodeName":5}""")]
    [InlineData("""{"id":"i","method":"IDENT","data":[],"nodeName":null}""")]
    public async Task A_name_without_form_is_refused(string ident)
    {
        using var node = await BridgeClient.ConnectAsync(_bridge);

        await node.SendAsync(ident);

        Assert.Equal("""["i",["not-registered"]]""", await node.ReadAsync("ACK"));
        Assert.Empty(_bridge.Nodes);
    }

    [Fact]
    public async Task A_name_may_be_long_but_not_endless()
    {
        using var node = await BridgeClient.ConnectAsync(_bridge);

        Assert.Equal("""["not-registered"]""", await node.AskForAsync(new string('n', Registrar.LongestName - 1)));
        Assert.Equal("[null]", await node.AskForAsync(new string('n', Registrar.LongestName - 2)));
    }

    [Fact]
    public async Task The_same_name_asked_for_again_is_acknowledged_again()
    {
        using var node = await BridgeClient.JoinAsync(_bridge, "one");

        await node.IdentAsync("one");

        Assert.Equal(["one"], _bridge.Nodes);
    }

    [Fact]
    public async Task A_second_name_is_refused_and_the_first_is_kept()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");

        Assert.Equal("""["not-registered"]""", await one.AskForAsync("three"));

        Assert.Equal(["one", "two"], _bridge.Nodes.Order());
        await one.SendAsync("""{"id":"t","method":"TELL","data":["two","e",[]],"nodeName":"three"}""");
        Assert.Equal("""["one","t","e",[]]""", await two.ReadAsync("TELL"));
    }

    [Fact]
    public async Task The_sender_is_the_registered_name_whatever_the_frame_says()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var two = await BridgeClient.JoinAsync(_bridge, "two");

        await two.SendAsync(
            """{"id":"t","method":"TELL","data":["one","e",[]],"nodeName":"somebody"}""",
            """{"id":"s","method":"SHOUT","data":["e"],"nodeName":"one"}""",
            """{"id":"u","method":"TELL","data":["nobody","e",[]],"nodeName":"one"}""");

        Assert.Equal("""["two","t","e",[]]""", await one.ReadAsync("TELL"));
        Assert.Equal("""["e"]""", await one.ReadAsync("SHOUT"));
        Assert.Equal("""["u",["unknown-node"]]""", await two.ReadAsync("ACK"));
        await one.AssertNothingCameAsync();
    }

    [Fact]
    public async Task A_name_is_free_at_once_when_its_node_has_left()
    {
        using var first = await BridgeClient.JoinAsync(_bridge, "one");
        using var second = await BridgeClient.ConnectAsync(_bridge);

        await first.SendAsync("""{"id":"l","method":"LEAVE","data":[],"nodeName":"one"}""");
        Assert.Equal("""["l",[]]""", await first.ReadAsync("ACK"));
        await second.IdentAsync("one");

        await first.SendAsync("""{"id":"t","method":"TELL","data":["one","e",[]],"nodeName":"one"}""");
        Assert.Equal("""["t",["not-registered"]]""", await first.ReadAsync("ACK"));
        first.EndWriting();
        Assert.Null(await first.ReadAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_is_free_when_its_connection_has_ended(bool withReset)
    {
        using var first = await BridgeClient.JoinAsync(_bridge, "one");
        Assert.Equal("+one", await _watch.ChangeAsync());

        if (withReset)
        {
            first.Reset();
        }
        else
        {
            first.EndWriting();
        }

        var (change, node) = await _watch.NodeAsync();
        Assert.Equal(("-one", withReset ? LinkError.ConnectionLost : null as LinkError?), (change, node.Error?.Error));
        using var second = await BridgeClient.JoinAsync(_bridge, "one");
    }

    [Fact]
    public async Task What_is_sent_before_the_name_waits_for_it()
    {
        using var one = await BridgeClient.JoinAsync(_bridge, "one");
        using var early = await BridgeClient.ConnectAsync(_bridge);

        // As the example in flic's README does.
        await early.SendAsync("""{"id":"t","method":"TELL","data":["one","e",[1]],"nodeName":"early"}""");
        await early.SendAsync("""{"id":"s","method":"SHOUT","data":["e",2],"nodeName":"early"}""", """{"id":"u","method":"TELL","data":["nobody","e",[]],"nodeName":"early"}""");
        await early.IdentAsync("early");

        Assert.Equal("""["early","t","e",[1]]""", await one.ReadAsync("TELL"));
        Assert.Equal("""["e",2]""", await one.ReadAsync("SHOUT"));
        Assert.Equal("""["u",["unknown-node"]]""", await early.ReadAsync("ACK"));
    }

    [Fact]
    public async Task Who_leaves_before_the_name_is_acknowledged_has_left_afterwards()
    {
        using var node = await BridgeClient.ConnectAsync(_bridge);

        await node.SendAsync("""{"id":"l","method":"LEAVE","data":[],"nodeName":"one"}""");
        await node.IdentAsync("one");

        Assert.Equal("""["l",[]]""", await node.ReadAsync("ACK"));
        Assert.Empty(_bridge.Nodes);
    }

    [Fact]
    public async Task What_waits_for_a_name_that_is_refused_is_refused_too()
    {
        using var holder = await BridgeClient.JoinAsync(_bridge, "one");
        using var other = await BridgeClient.ConnectAsync(_bridge);

        await other.SendAsync("""{"id":"t","method":"TELL","data":["one","e",[]]}""");
        Assert.Equal("""["duplicate-node"]""", await other.AskForAsync("one"));

        Assert.Equal("""["t",["not-registered"]]""", await other.ReadAsync("ACK"));
        await holder.AssertNothingCameAsync();
    }

    [Fact]
    public async Task No_more_than_so_many_frames_wait_for_a_name()
    {
        using var node = await BridgeClient.ConnectAsLinkAsync(_bridge);

        await node.SendAsync([.. Enumerable.Repeat("""{"id":"t","method":"TELL","data":["nobody","e",[]]}""", HeldFrames.MaxCount)]);
        await node.SendAsync("""{"id":"over","method":"TELL","data":["nobody","e",[]]}""", """{"id":"s","method":"SHOUT","data":["e"]}""");

        Assert.Equal("""["over",["overloaded"]]""", await node.ReadAsync("ACK"));
        Assert.Equal(node.Endpoint, (await _watch.ErrorAsync()).Peer!.Endpoint);
        await node.IdentAsync("one");
        for (var count = 0; count < HeldFrames.MaxCount; count++)
        {
            Assert.Equal("""["t",["unknown-node"]]""", await node.ReadAsync("ACK"));
        }
    }

    [Fact]
    public async Task What_waits_for_a_name_that_never_comes_is_reported()
    {
        using var node = await BridgeClient.ConnectAsync(_bridge);
        await node.SendAsync("""{"id":"t","method":"TELL","data":["one","e",[]]}""", """{"id":"t","method":"TELL","data":["one","e",[]]}""");

        node.EndWriting();

        Assert.Contains("IDENT", (await _watch.ErrorAsync()).Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("one")]
    public async Task Who_registers_no_name_in_time_is_closed(string? refusedName)
    {
        using var holder = await BridgeClient.JoinAsync(_bridge, "one");
        using var node = await BridgeClient.ConnectAsync(_bridge);
        await _time.WhenArmed();
        if (refusedName is not null)
        {
            Assert.Equal("""["duplicate-node"]""", await node.AskForAsync(refusedName));
        }

        _time.Advance(TimeSpan.FromMinutes(10));

        await node.ReadToEndAsync();
        Assert.Equal(LinkError.Timeout, (await _watch.ErrorAsync()).Error.Error);
        await holder.AssertNothingCameAsync();
    }

    [Fact]
    public async Task Who_has_left_and_does_not_close_is_closed()
    {
        using var node = await BridgeClient.JoinAsync(_bridge, "one");
        _time.Advance(TimeSpan.FromMinutes(20));

        await node.SendAsync("""{"id":"l","method":"LEAVE","data":[],"nodeName":"one"}""");
        Assert.Equal("""["l",[]]""", await node.ReadAsync("ACK"));
        _time.Advance(TimeSpan.FromMinutes(10));

        await node.ReadToEndAsync();
        Assert.Equal(LinkError.Timeout, (await _watch.ErrorAsync()).Error.Error);
    }

    [Fact]
    public async Task A_node_of_Link_is_greeted_before_its_name_is_acknowledged()
    {
        using var node = await BridgeClient.ConnectAsync(_bridge);

        await node.SendAsync("""{"id":"a","method":"LINK","data":[1],"nodeName":"one"}""", """{"id":"b","method":"IDENT","data":[],"nodeName":"one"}""");

        Assert.Equal("""["a",[null]]""", await node.ReadAsync("ACK"));
        Assert.Equal("""["b",[null]]""", await node.ReadAsync("ACK"));
    }
}

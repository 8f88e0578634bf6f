using Link.Abstractions;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>Connecting, registering, and what is told meanwhile.</summary>
public sealed class NodeConnectTests
{
    [Fact]
    public async Task Without_a_bridge_there_are_five_attempts_with_growing_pauses()
    {
        var time = new RecordingTime();
        var port = FreePorts.Next();
        await using var node = new FlicNode(new FlicNodeOptions { Port = port, TimeProvider = time });

        var thrown = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(node.ConnectAsync()));

        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (thrown.Error, thrown.Fate));
        Assert.Contains($"no bridge at 127.0.0.1:{port}", thrown.Message, StringComparison.Ordinal);
        Assert.Equal([50, 100, 150, 200], time.Pauses.Select(pause => pause.TotalMilliseconds).Where(pause => pause is > 0 and <= 250));
        Assert.False(node.IsConnected);
        Assert.Equal(LinkError.NoSuchPeer, (await Assert.ThrowsAsync<LinkException>(() => node.TellAsync("a:b"))).Error);
    }

    [Fact]
    public async Task A_node_that_did_not_connect_may_try_again()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port });
        var first = node.ConnectAsync();
        await bridge.AcceptAsync();
        bridge.Hang();
        Assert.Equal(LinkError.ConnectionLost, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(first))).Error);

        var second = node.ConnectAsync();
        await bridge.RegisterAsync();
        await Within.Deadline(second);

        Assert.True(node.IsConnected);
        await Assert.ThrowsAsync<InvalidOperationException>(() => node.ConnectAsync());
    }

    [Fact]
    public async Task A_name_that_is_taken_ends_the_node()
    {
        await using var scene = await NodeScene.StartAsync();
        var first = await scene.ConnectAsync("name");
        var second = scene.Make("name");
        var connecting = second.ConnectAsync();
        var told = second.TellAsync("name:event");

        var thrown = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(connecting));

        Assert.Equal(LinkError.NameUnavailable, thrown.Error);
        Assert.Contains("duplicate-node", thrown.Message, StringComparison.Ordinal);
        Assert.False(second.IsConnected);
        Assert.Equal(LinkError.NameUnavailable, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(told))).Error);
        Assert.Equal(LinkError.NameUnavailable, (await Assert.ThrowsAsync<LinkException>(() => second.ConnectAsync())).Error);
        first.On("event", message => message.AcknowledgeAsync(null));
        await Within.Deadline(first.TellAsync("name:event"));
    }

    [Fact]
    public async Task What_is_told_meanwhile_follows_the_acknowledgement_in_its_order()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port }, "node");
        var connecting = node.ConnectAsync();
        var told = node.TellAsync("a:first", 1);
        var forgotten = node.TellAndForgetAsync("a:second", 2);
        var shouted = node.ShoutAsync("third", 3);
        var ident = await bridge.AcceptIdentAsync();
        Assert.False(bridge.HasMore);
        Assert.False(connecting.IsCompleted || forgotten.IsCompleted || shouted.IsCompleted);

        await bridge.AckAsync(ident, "[null]");
        await Within.Deadline(connecting);
        await Within.Deadline(node.TellAndForgetAsync("a:fourth", 4));

        var first = await bridge.ReadAsync();
        Assert.Equal("[\"a\",\"first\",[1]]", first["data"]!.ToString(Newtonsoft.Json.Formatting.None));
        Assert.Equal("[\"a\",\"second\",[2]]", (await bridge.ReadAsync())["data"]!.ToString(Newtonsoft.Json.Formatting.None));
        Assert.Equal("[\"third\",3]", (await bridge.ReadAsync())["data"]!.ToString(Newtonsoft.Json.Formatting.None));
        Assert.Equal("[\"a\",\"fourth\",[4]]", (await bridge.ReadAsync())["data"]!.ToString(Newtonsoft.Json.Formatting.None));
        await Within.Deadline(Task.WhenAll(forgotten, shouted));
        await bridge.AckAsync((string)first["id"]!, "[null,\"answer\"]");
        Assert.Equal("answer", (await Within.Deadline(told)).As<string>(0));
    }

    [Fact]
    public async Task What_is_told_meanwhile_is_bounded()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port, MaxPendingTells = 2 });
        var connecting = node.ConnectAsync();
        _ = node.ShoutAsync("one");
        _ = node.ShoutAsync("two");

        Assert.Equal(LinkError.Overloaded, (await Assert.ThrowsAsync<LinkException>(() => node.ShoutAsync("three"))).Error);
        await bridge.RegisterAsync();
        await Within.Deadline(connecting);
        await Within.Deadline(node.ShoutAsync("four"));
    }

    [Fact]
    public async Task A_bridge_that_does_not_acknowledge_is_given_up()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port, ConnectTimeout = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(LinkError.Timeout, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(node.ConnectAsync()))).Error);
    }

    [Fact]
    public async Task Connecting_can_be_cancelled_and_fails_what_waits_for_it()
    {
        using var bridge = new NodeBridge();
        using var cancellation = new CancellationTokenSource();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port });
        var connecting = node.ConnectAsync(cancellation.Token);
        var (told, shouted) = (node.TellAsync("a:b"), node.ShoutAsync("c"));
        await bridge.AcceptIdentAsync();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(connecting));
        Assert.Equal(RequestFate.NotSent, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(told))).Fate);
        Assert.Equal(RequestFate.NotSent, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(shouted))).Fate);
        await Assert.ThrowsAsync<EndOfStreamException>(bridge.ReadAsync);
    }

    [Fact]
    public async Task Leaving_ends_an_attempt_to_connect()
    {
        using var bridge = new NodeBridge();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port });
        var connecting = node.ConnectAsync();
        await bridge.AcceptIdentAsync();

        await Within.Deadline(node.LeaveAsync());

        Assert.Equal(LinkError.ConnectionLost, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(connecting))).Error);
    }

    [Fact]
    public async Task A_node_that_was_never_connected_tells_nothing()
    {
        await using var node = new FlicNode();

        await Assert.ThrowsAsync<InvalidOperationException>(() => node.TellAsync("a:b"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => node.TellAndForgetAsync("a:b"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => node.ShoutAsync("b"));
    }

    [Fact]
    public async Task A_node_without_a_name_takes_a_uuid_and_can_be_told()
    {
        await using var scene = await NodeScene.StartAsync();
        var (one, two) = (await scene.ConnectAsync(), await scene.ConnectAsync("two"));
        two.On("who", message => message.AcknowledgeAsync(null, message.Sender));
        one.On("back", message => message.AcknowledgeAsync(null, "heard"));

        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", one.Id);
        var name = (await Within.Deadline(one.TellAsync("two:who"))).As<string>(0);
        Assert.Equal("heard", (await Within.Deadline(two.TellAsync($"{name}:back"))).As<string>(0));
    }

    [Fact]
    public void A_name_is_not_empty_and_options_are_checked()
    {
        Assert.Throws<ArgumentException>(() => new FlicNode(""));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlicNode(new FlicNodeOptions { ConnectAttempts = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlicNode(new FlicNodeOptions { TellTimeout = TimeSpan.FromDays(41) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlicNode(new FlicNodeOptions { ConnectTimeout = TimeSpan.FromDays(41) }));
    }

    private sealed class RecordingTime : TimeProvider
    {
        private readonly Lock _gate = new();
        private readonly List<TimeSpan> _pauses = [];

        public TimeSpan[] Pauses
        {
            get
            {
                lock (_gate)
                {
                    return [.. _pauses];
                }
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                _pauses.Add(dueTime);
            }

            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}

using Link.Abstractions;
using Link.Flic;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The examples of flic.md.</summary>
public class FlicExamples : Example
{
    [Fact]
    public async Task A_bridge_tells_where_it_listens_and_who_comes()
    {
        // docs: flic bridge
        await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = 0 });
        bridge.NodeJoined += (_, e) => Console.WriteLine($"{e.Name} is here.");
        var endpoint = await bridge.StartAsync();
        Console.WriteLine($"The bridge listens on {endpoint}.");
        // end

        var joined = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        bridge.NodeJoined += (_, e) => joined.TrySetResult(e.Name);
        await using var node = new FlicNode(new FlicNodeOptions { Port = endpoint.Port }, "somebody");
        await node.ConnectAsync();
        Assert.Equal("somebody", await Within.Deadline(joined.Task));
    }

    [Fact]
    public async Task A_server_answers_over_a_bridge_and_knows_who_asks()
    {
        await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = 0 });
        var port = (await bridge.StartAsync()).Port;

        // docs: flic server
        var atBridge = new FlicNodeOptions { Port = port };
        await using var server = new Server("shop", new ServerOptions { Transport = new FlicTransport(atBridge) });
        server.OnMessage(message => message.ReplyAsync(new { sold = message.Data["item"], to = message.Peer.Name }));
        await server.StartAsync();
        // end

        await using var till = Other("till", new ServerOptions { Transport = new FlicTransport(atBridge) });
        await till.StartAsync();
        var reply = await Within.Deadline(till.SendAsync("shop", new { item = "tea" }));
        Assert.Equal(("tea", "till"), ((string?)reply["sold"], (string?)reply["to"]));
    }

    [Fact]
    public async Task A_server_asks_over_a_bridge()
    {
        await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = 0 });
        var atBridge = new FlicNodeOptions { Port = (await bridge.StartAsync()).Port };
        await using var shop = Other("shop", new ServerOptions { Transport = new FlicTransport(atBridge) });
        shop.OnMessage(message => message.ReplyAsync(new { sold = message.Data["item"] }));
        await shop.StartAsync();

        // docs: flic ask
        await using var till = new Server("till", new ServerOptions { Transport = new FlicTransport(atBridge) });
        await till.StartAsync();
        Reply reply = await till.SendAsync("shop", new { item = "tea" });
        // end

        Assert.Equal("tea", (string?)reply["sold"]);
    }

    [Fact]
    public async Task A_node_listens()
    {
        await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = 0 });
        var port = (await bridge.StartAsync()).Port;

        // docs: flic listen
        await using var node = new FlicNode(new FlicNodeOptions { Port = port }, "node1");
        node.Error += (_, e) => Console.Error.WriteLine(e.Error.Message);
        node.On("event", message =>
        {
            Console.WriteLine(message.Arguments.As<string>(0));
            return message.AcknowledgeAsync(null, "ilovenodejs");
        });
        await node.ConnectAsync();
        // end

        await using var other = new FlicNode(new FlicNodeOptions { Port = port });
        await other.ConnectAsync();
        Assert.Equal("ilovenodejs", (await Within.Deadline(other.TellAsync("node1:event", "flic_is_easy"))).As<string>(0));
    }

    [Fact]
    public async Task A_node_tells_one_and_shouts_to_all()
    {
        await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = 0 });
        var port = (await bridge.StartAsync()).Port;
        await using var node1 = new FlicNode(new FlicNodeOptions { Port = port }, "node1");
        var shouted = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        node1.On("event", message => message.AcknowledgeAsync(null, "ilovenodejs"));
        node1.On("closing-time", message =>
        {
            shouted.TrySetResult((int)message.Arguments[0]["minutes"]!);
            return Task.CompletedTask;
        });
        await node1.ConnectAsync();

        // docs: flic tell
        await using var node = new FlicNode(new FlicNodeOptions { Port = port });
        await node.ConnectAsync();
        FlicArguments answer = await node.TellAsync("node1:event", "flic_is_easy");
        Console.WriteLine(answer.As<string>(0));
        await node.ShoutAsync("closing-time", new { minutes = 10 });
        // end

        Assert.Equal("ilovenodejs", answer.As<string>(0));
        Assert.Equal(10, await Within.Deadline(shouted.Task));
    }

    [Fact]
    public async Task What_goes_wrong_has_the_kind_that_the_page_says()
    {
        await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = 0 });
        var options = new FlicNodeOptions { Port = (await bridge.StartAsync()).Port };
        await using var node = new FlicNode(options, "one");
        node.On("no", message => message.AcknowledgeAsync("not today"));
        await node.ConnectAsync();

        Assert.Equal("not today", (await Assert.ThrowsAsync<FlicException>(() => Within.Deadline(node.TellAsync("one:no")))).Code);
        Assert.Equal("unknown-event", (await Assert.ThrowsAsync<FlicException>(() => Within.Deadline(node.TellAsync("one:what")))).Code);
        Assert.Equal(LinkError.NoSuchPeer, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(node.TellAsync("two:no")))).Error);
        await using var second = new FlicNode(options, "one");
        Assert.Equal(LinkError.NameUnavailable, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(second.ConnectAsync()))).Error);
    }
}

using System.Globalization;
using Link.Docs.Pages;
using Link.Docs.Running;
using Link.Flic;
using Link.Interop.Harness;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The JavaScript of flic.md, in a Node process with npm's flic, beside a server of C#.</summary>
public class FlicScriptExamples : Example, IClassFixture<NodeModules>
{
    /// <summary>How many scripts the page has.</summary>
    public const int Scripts = 2;

    [Fact]
    public async Task A_JavaScript_node_asks_a_server()
    {
        await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = 0 });
        var port = (await bridge.StartAsync()).Port;
        await using var shop = Other("shop", Over(port));
        shop.OnMessage(message => message.ReplyAsync(new { sold = message.Data["item"] }));
        await shop.StartAsync();

        await using var node = await ScriptAsync(0, port);

        Assert.Equal("milk", await node.ReadLineAsync());
        Assert.Equal((0, ""), await node.ExitAsync());
    }

    [Fact]
    public async Task A_server_asks_a_JavaScript_node()
    {
        await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = 0 });
        var port = (await bridge.StartAsync()).Port;
        await using var node = await ScriptAsync(1, port);
        Assert.Equal("ready", await node.ReadLineAsync());
        await using var server = Other("till", Over(port));

        Assert.Equal("tea", (string?)(await Within.Deadline(server.SendAsync("dog", new { item = "tea" })))["sold"]);
        var rejection = await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(server.SendAsync("dog", new { })));
        Assert.Equal("NO_ITEM", rejection.Code);
    }

    private static ServerOptions Over(int port) => new() { Transport = new FlicTransport(new FlicNodeOptions { Port = port }) };

    private async Task<ChildProcess> ScriptAsync(int block, int port)
    {
        var script = Path.Combine(SocketRoot, "script.js");
        await File.WriteAllTextAsync(script, Repository.Doc("flic").BlocksIn("js").ElementAt(block));
        return ChildProcess.Node(script, port.ToString(CultureInfo.InvariantCulture));
    }
}

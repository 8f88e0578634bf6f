using Link.Docs.Pages;
using Link.Docs.Running;
using Link.Interop.Harness;
using Link.Masterless;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The JavaScript of mesh.md, in a Node process with npm's masterless, beside a server of C#.</summary>
public class MeshScriptExamples : Example, IClassFixture<NodeModules>
{
    /// <summary>How many scripts the page has.</summary>
    public const int Scripts = 2;

    [Fact]
    public async Task A_JavaScript_node_asks_a_server()
    {
        var transport = new MeshTransport();
        await using var shop = Other("shop", new ServerOptions { Transport = transport });
        shop.OnMessage(message => message.ReplyAsync(new { sold = message.Data["item"] }));
        await shop.StartAsync();

        await using var node = await ScriptAsync(0, transport.Info!);

        Assert.Equal("milk", await node.ReadLineAsync());
        Assert.Equal((0, ""), await node.ExitAsync());
    }

    [Fact]
    public async Task A_server_asks_a_JavaScript_node()
    {
        await using var node = await ScriptAsync(1);
        var peers = new Dictionary<string, string> { ["dog"] = await node.ReadLineAsync() ?? "" };
        await using var server = Other("till", new ServerOptions { Transport = new MeshTransport(new MeshOptions { Peers = peers }) });

        Assert.Equal("tea", (string?)(await Within.Deadline(server.SendAsync("dog", new { item = "tea" })))["sold"]);
        var rejection = await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(server.SendAsync("dog", new { })));
        Assert.Equal("NO_ITEM", rejection.Code);
    }

    private async Task<ChildProcess> ScriptAsync(int block, params string[] arguments)
    {
        var script = Path.Combine(SocketRoot, "script.js");
        await File.WriteAllTextAsync(script, Repository.Doc("mesh").BlocksIn("js").ElementAt(block));
        return ChildProcess.Node([script, .. arguments]);
    }
}

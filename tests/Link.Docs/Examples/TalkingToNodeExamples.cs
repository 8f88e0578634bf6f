using Link.Docs.Pages;
using Link.Docs.Running;
using Link.Interop.Harness;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The examples of talking-to-node.md: C# here, and the JavaScript of the page in a Node process with node-ipc.</summary>
public class TalkingToNodeExamples : Example, IClassFixture<NodeModules>
{
    [Fact]
    public void No_script_of_the_pages_is_left_out() =>
        Assert.Equal(2 + FlicScriptExamples.Scripts + MeshScriptExamples.Scripts, Repository.Docs.Append(Repository.Readme).Sum(page => page.BlocksIn("js").Count()));

    [Fact]
    public async Task CSharp_asks_Node()
    {
        var name = TestNames.Next("node");
        await using var node = await ScriptAsync(0, name);
        try
        {
            Assert.Equal("ready", await node.ReadLineAsync());

            // docs: talking-to-node ask
            await using var server = new Server("sharp");
            Reply reply = await server.SendAsync(name, new { who = "World" });
            Console.WriteLine(reply["greeting"]);
            // end

            Assert.Equal("Hello World!", (string?)reply["greeting"]);
            var rejection = await Assert.ThrowsAsync<RejectedException>(() => server.SendAsync(name, new { }));
            Assert.Equal("NO_NAME", rejection.Code);
        }
        finally
        {
            File.Delete($"/tmp/app.{name}");
        }
    }

    [Fact]
    public async Task Node_asks_CSharp()
    {
        var name = TestNames.Next("sharp");

        // docs: talking-to-node answer
        await using var server = new Server(name);
        server.OnMessage(message => message.ReplyAsync(new { greeting = $"Hello {message.Data["who"]}!" }));
        await server.StartAsync();
        // end

        await using var node = await ScriptAsync(1, name);
        Assert.Equal("Hello Node!", await node.ReadLineAsync());
        Assert.Equal((0, ""), await node.ExitAsync());
    }

    [Fact]
    public async Task Node_says_so_when_nobody_answers()
    {
        var name = TestNames.Next("nobody");
        await using var node = await ScriptAsync(1, name);
        var (code, errors) = await node.ExitAsync();
        Assert.Equal(1, code);
        Assert.Contains($"Could not ask {name}", errors, StringComparison.Ordinal);
    }

    /// <summary>Runs a JavaScript block of the page, by its number, with an argument.</summary>
    private async Task<ChildProcess> ScriptAsync(int block, string argument)
    {
        var script = Path.Combine(SocketRoot, "script.js");
        await File.WriteAllTextAsync(script, Repository.Doc("talking-to-node").BlocksIn("js").ElementAt(block));
        return ChildProcess.Node(script, argument);
    }
}

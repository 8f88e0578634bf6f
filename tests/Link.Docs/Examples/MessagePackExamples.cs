using Link.Masterless;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The example of messagepack.md.</summary>
public class MessagePackExamples : Example
{
    [Fact]
    public async Task One_option_makes_it_MessagePack()
    {
        var port = FreePorts.Next();

        // docs: messagepack server
        var options = new MeshOptions { Format = MeshFormat.MessagePack, Port = port };
        await using var server = new Server("shop", new ServerOptions { Transport = new MeshTransport(options) });
        server.OnMessage(message => message.ReplyAsync(new { sold = message.Data["item"] }));
        await server.StartAsync();
        // end

        var peers = new Dictionary<string, string> { ["shop"] = $"tcp://127.0.0.1:{port}" };
        var till = Other("till", new ServerOptions { Transport = new MeshTransport(new MeshOptions { Format = MeshFormat.MessagePack, Peers = peers }) });
        var reply = await Within.Deadline(till.SendAsync("shop", new { item = new byte[] { 1, 2, 250 } }));
        Assert.Equal("[1,2,250]", reply["sold"]!["data"]!.ToString(Newtonsoft.Json.Formatting.None));
    }
}

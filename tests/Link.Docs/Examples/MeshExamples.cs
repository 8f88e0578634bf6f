using Link.Abstractions;
using Link.Masterless;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The examples of mesh.md.</summary>
public class MeshExamples(TlsFolder certificates) : Example, IClassFixture<TlsFolder>
{
    private readonly string folder = certificates.Folder;

    [Fact]
    public async Task A_server_in_a_mesh_is_asked_and_asks_back()
    {
        var port = FreePorts.Next();

        // docs: mesh server
        var here = new MeshOptions { Port = port };
        await using var server = new Server("shop", new ServerOptions { Transport = new MeshTransport(here) });
        server.OnMessage(message => message.ReplyAsync(new { sold = message.Data["item"], to = message.Peer.Name }));
        await server.StartAsync();
        // end

        await using var asking = Asking(port);
        asking.OnMessage(message => message.ReplyAsync(new { paid = message.Data["sum"] }));
        await asking.StartAsync();
        var reply = await Within.Deadline(asking.SendAsync("shop", new { item = "tea" }));
        Assert.Equal("tea", (string?)reply["sold"]);
        Assert.Equal("till", (string?)reply["to"]);
        Assert.Equal(3, (int?)(await Within.Deadline(server.SendAsync("till", new { sum = 3 })))["paid"]);
    }

    [Fact]
    public async Task A_till_asks_a_shop()
    {
        var port = FreePorts.Next();
        await using var shop = Other("shop", new ServerOptions { Transport = new MeshTransport(new MeshOptions { Port = port }) });
        shop.OnMessage(message => message.ReplyAsync(new { sold = message.Data["item"] }));
        await shop.StartAsync();

        // docs: mesh till
        var places = new MeshOptions { Peers = new Dictionary<string, string> { ["shop"] = $"tcp://127.0.0.1:{port}" } };
        await using var till = new Server("till", new ServerOptions { Transport = new MeshTransport(places) });
        await till.StartAsync();
        Reply reply = await till.SendAsync("shop", new { item = "tea" });
        // end

        Assert.Equal("tea", (string?)reply["sold"]);
        Assert.Equal("tea", (string?)(await Within.Deadline(till.SendAsync($"tcp://127.0.0.1:{port}", new { item = "tea" })))["sold"]);
    }

    [Fact]
    public async Task Two_nodes_count_together()
    {
        var reached = new TaskCompletionSource();

        // docs: mesh nodes
        await using var left = new MeshNode("left");
        await using var right = new MeshNode("right");
        left.OnMessage(message => message.ReplyAsync(new { type = "counter", total = (int)message.Data["total"]! + 1 }));
        right.OnMessage(message => message.ReplyAsync(new { type = "counter", total = (int)message.Data["total"]! + 1 }));
        right.Connected += (_, e) => right.SendAsync(e.Id, new { type = "counter", total = 0 });

        await left.StartAsync();
        await right.StartAsync();
        await right.ConnectAsync(left.Info!);
        // end

        await using var third = new MeshNode("third");
        third.OnMessage(message =>
        {
            if ((int)message.Data["total"]! == 8)
            {
                reached.TrySetResult();
            }
        });
        await third.StartAsync();
        var id = await Within.Deadline(third.ConnectAsync(left.Info!));
        Assert.True(await third.SendAsync(id, new { type = "counter", total = 7 }));
        await Within.Deadline(reached.Task);
    }

    [Fact]
    public async Task Certificates_say_which_ids_are_true()
    {
        // docs: mesh tls
        MeshOptions Trusted(string name) => new()
        {
            Tls = new TlsOptions
            {
                CertificateFile = $"{folder}/{name}.pem",
                KeyFile = $"{folder}/{name}.key",
                TrustedFiles = [$"{folder}/ca.pem"],
                RequireClientCertificate = true,
            },
            Admit = peer => peer.CertificateSubject == $"CN={peer.Name}",
        };
        // end

        await using var one = new MeshNode("test-one", Trusted("test-one"));
        await using var two = new MeshNode("test-two", Trusted("test-two"));
        await using var forger = new MeshNode("forger", Trusted("test-two"));
        var info = await one.StartAsync();
        await two.StartAsync();
        await forger.StartAsync();

        Assert.StartsWith("tls://", info, StringComparison.Ordinal);
        Assert.Equal("test-one", await Within.Deadline(two.ConnectAsync(info)));
        await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(forger.ConnectAsync(info)));
        Assert.Equal(["test-two"], one.Connections);
    }

    private Server Asking(int port) => Other("till", new ServerOptions
    {
        Transport = new MeshTransport(new MeshOptions { Peers = new Dictionary<string, string> { ["shop"] = $"tcp://127.0.0.1:{port}" } }),
    });
}

using Link.Abstractions;
using Link.NodeIpc;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The examples of transports.md.</summary>
public class TransportsExamples : Example
{
    [Fact]
    public async Task A_table_says_where_names_are()
    {
        var port = FreePorts.Next();

        // docs: transports answer
        var places = new NodeIpcOptions
        {
            Peers = new Dictionary<string, string> { ["shop"] = $"tcp://127.0.0.1:{port}" },
        };
        await using var server = new Server("shop", new ServerOptions { Transport = new NodeIpcTransport(places) });
        server.OnMessage(message => message.ReplyAsync(new { sold = message.Data["item"] }));
        await server.StartAsync();
        // end

        var till = Other("till", new ServerOptions { Transport = new NodeIpcTransport(places) });
        Assert.Equal("tea", (string?)(await till.SendAsync("shop", new { item = "tea" }))["sold"]);
    }

    [Fact]
    public Task The_call_does_not_know_of_the_table() => SellAsync(new NodeIpcOptions
    {
        Peers = new Dictionary<string, string> { ["shop"] = $"tcp://127.0.0.1:{FreePorts.Next()}" },
    });

    [Fact]
    public Task A_name_that_is_not_in_the_table_is_a_socket_file() => SellAsync(new NodeIpcOptions { SocketRoot = SocketRoot });

    [Fact]
    public async Task A_table_may_change_meanwhile()
    {
        var table = new Dictionary<string, string>();
        var till = Other("till", new ServerOptions { Transport = new NodeIpcTransport(new NodeIpcOptions { Peers = table, SocketRoot = SocketRoot }) });
        var nobody = await Assert.ThrowsAsync<LinkException>(() => till.SendAsync("shop", new { item = "tea" }));
        Assert.Equal(LinkError.NoSuchPeer, nobody.Error);

        var transport = new NodeIpcTransport(new NodeIpcOptions { ListenOn = "tcp://127.0.0.1:0" });
        var shop = Other("shop", new ServerOptions { Transport = transport });
        shop.OnMessage(message => message.ReplyAsync(new { sold = message.Data["item"] }));
        await shop.StartAsync();
        table["shop"] = transport.Endpoint!;

        Assert.Equal("tea", (string?)(await till.SendAsync("shop", new { item = "tea" }))["sold"]);
    }

    [Fact]
    public async Task The_operating_system_can_choose_the_port()
    {
        // docs: transports choose
        var transport = new NodeIpcTransport(new NodeIpcOptions { ListenOn = "tcp://127.0.0.1:0" });
        await using var server = new Server("shop", new ServerOptions { Transport = transport });
        await server.StartAsync();
        Console.WriteLine($"Listens on {transport.Endpoint}.");
        // end

        Assert.Matches("^tcp://127.0.0.1:[1-9][0-9]*$", transport.Endpoint);
    }

    [Fact]
    public async Task Listening_beyond_loopback_needs_TLS_or_permission()
    {
        var port = FreePorts.Next();
        var refused = Other("shop", new ServerOptions { Transport = new NodeIpcTransport(new NodeIpcOptions { ListenOn = $"tcp://0.0.0.0:{port}" }) });
        Assert.Equal(LinkError.Untrusted, (await Assert.ThrowsAsync<LinkException>(() => refused.StartAsync())).Error);

        // docs: transports open
        var transport = new NodeIpcTransport(new NodeIpcOptions
        {
            ListenOn = $"tcp://0.0.0.0:{port}",
            AllowInsecureNetwork = true,
        });
        // end

        await using var server = new Server("shop", new ServerOptions { Transport = transport });
        await server.StartAsync();
        Assert.Equal($"tcp://0.0.0.0:{port}", transport.Endpoint);
    }

    private async Task SellAsync(NodeIpcOptions places)
    {
        var shop = Other("shop", new ServerOptions { Transport = new NodeIpcTransport(places) });
        shop.OnMessage(message => message.ReplyAsync(new { sold = message.Data["item"] }));
        await shop.StartAsync();

        // docs: transports ask
        await using var till = new Server("till", new ServerOptions { Transport = new NodeIpcTransport(places) });
        Reply reply = await till.SendAsync("shop", new { item = "tea" });
        // end

        Assert.Equal("tea", (string?)reply["sold"]);
    }
}

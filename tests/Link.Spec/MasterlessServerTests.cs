using System.Net.Sockets;
using Link.Abstractions;
using Link.Masterless;
using Link.Spec.Support;
using Link.Testing;

namespace Link.Spec;

/// <summary>SPEC.md, "masterless: a Server over the mesh".</summary>
public sealed class MasterlessServerTests : SpecTests
{
    [Fact]
    public async Task A_request_is_a_packet_with_id_sentBy_and_data()
    {
        var (server, port) = await StartAsync();
        using var node = await JoinAsync(port);
        _ = server.SendAsync("js", new { content = "Hello" }, new SendOptions { Id = "r1" });

        Assert.Equal("""{"id":"r1","sentBy":"test-one","data":{"content":"Hello"}}""", await node.ReadLineAsync());
    }

    [Fact]
    public async Task A_packet_with_success_is_the_reply()
    {
        var (server, port) = await StartAsync();
        using var node = await JoinAsync(port);
        var resolved = server.SendAsync("js", new { }, new SendOptions { Id = "r1" });
        var rejected = server.SendAsync("js", new { }, new SendOptions { Id = "r2" });

        await node.WriteLinesAsync("""{"id":"r2","success":1,"code":"NO"}""", """{"id":"r1","success":true,"response":"Hello world!"}""");

        Assert.Equal("Hello world!", (string?)(await resolved.Soon())["response"]);
        Assert.Equal("NO", (await Assert.ThrowsAsync<RejectedException>(() => rejected.Soon())).Code);
    }

    [Fact]
    public async Task Any_other_object_is_a_request_and_its_reply_goes_to_its_sender()
    {
        var (_, port) = await StartAsync(message => message.ReplyAsync(new { data = message.Data, from = message.SentBy, peer = message.Peer.Name }));
        using var node = await JoinAsync(port);

        await node.WriteLinesAsync("""{"id":"t1","data":{"content":"Hello"}}""");

        Assert.Equal("""{"success":true,"id":"t1","data":{"content":"Hello"},"from":null,"peer":"js"}""", await node.ReadLineAsync());
    }

    [Fact]
    public async Task A_request_may_lack_everything()
    {
        var (_, port) = await StartAsync(message => message.ReplyAsync(new { id = message.Id ?? "none", type = message.Data.Type.ToString() }));
        using var node = await JoinAsync(port);

        await node.WriteLinesAsync("{}");

        Assert.Equal("""{"success":true,"id":"none","type":"Undefined"}""", await node.ReadLineAsync());
    }

    [Fact]
    public async Task What_is_no_object_is_dropped_and_reported_and_what_is_no_JSON_closes()
    {
        var (server, port) = await StartAsync(message => message.ReplyAsync(new { }));
        var errors = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        server.Error += (_, e) => errors.Enqueue(e.Error);
        using var node = await JoinAsync(port);

        await node.WriteLinesAsync("5", """{"id":"t1"}""");
        Assert.Equal("""{"success":true,"id":"t1"}""", await node.ReadLineAsync());
        await Within.Until(() => errors.Count == 1);
        await node.WriteLinesAsync("5}");

        Assert.Null(await node.ReadLineAsync());
        await Within.Until(() => errors.Count == 2);
        Assert.All(errors, error => Assert.Equal(LinkError.ProtocolViolation, Assert.IsType<LinkException>(error).Error));
    }

    [Fact]
    public async Task A_server_keeps_its_connections()
    {
        var (_, port) = await StartAsync(message => message.ReplyAsync(new { }));
        using var node = await JoinAsync(port);

        await node.WriteLinesAsync("[false]", """{"id":"t1"}""");

        Assert.Equal("""{"success":true,"id":"t1"}""", await node.ReadLineAsync());
    }

    [Fact]
    public async Task The_name_of_a_server_is_its_id_and_without_one_it_is_a_tilde_and_hex_digits()
    {
        var (_, port) = await StartAsync();
        using var node = await TcpPeer.DialAsync(port);
        await node.WriteLinesAsync("""{"id":"js","info":"tcp://127.0.0.1:1"}""");
        using var listener = TcpPeer.Listen();
        _ = Make("test-three", Over(new MeshTransport())).SendAsync($"tcp://127.0.0.1:{TcpPeer.PortOf(listener)}", new { });
        using var asked = await TcpPeer.AcceptAsync(listener);

        Assert.Equal("""{"id":"test-one"}""", await node.ReadLineAsync());
        Assert.Matches("""^{"id":"~[0-9a-f]{32}","info":"tcp://127.0.0.1:\d+"}$""", await asked.ReadLineAsync());
    }

    [Fact]
    public async Task The_only_connection_of_a_pair_carries_the_requests_of_both()
    {
        using var listener = TcpPeer.Listen();
        var transport = new MeshTransport(Quiet with { Peers = new Dictionary<string, string> { ["js"] = $"tcp://127.0.0.1:{TcpPeer.PortOf(listener)}" } });
        var server = Make("test-one", Over(transport));
        server.OnMessage(message => message.ReplyAsync(new { }));
        var sent = server.SendAsync("js", new { }, new SendOptions { Id = "r1" });
        using var node = await TcpPeer.AcceptAsync(listener);
        await node.ReadLineAsync();
        await node.WriteLinesAsync("""{"id":"js"}""");
        Assert.Equal("""{"priority":1}""", await node.ReadLineAsync());
        await node.WriteLinesAsync("""{"confirm":true}""", "[false]", """{"id":"t1"}""");
        Assert.Equal("[true]", await node.ReadLineAsync());
        string?[] lines = [await node.ReadLineAsync(), await node.ReadLineAsync()];
        await node.WriteLinesAsync("""{"id":"r1","success":true}""");

        Assert.Equal(["""{"id":"r1","sentBy":"test-one","data":{}}""", """{"success":true,"id":"t1"}"""], lines.Order(StringComparer.Ordinal));
        await sent.Soon();
    }

    [Fact]
    public async Task What_is_pending_at_a_lost_node_fails_and_the_next_request_dials()
    {
        using var listener = TcpPeer.Listen();
        var address = $"tcp://127.0.0.1:{TcpPeer.PortOf(listener)}";
        var server = Make("test-one", Over(new MeshTransport(Quiet with { Peers = new Dictionary<string, string> { ["js"] = address } })));
        var sent = server.SendAsync("js", new { });
        using (var node = await AnswerAsync(listener))
        {
            await node.ReadLineAsync();
        }

        Assert.Equal(LinkError.ConnectionLost, (await Assert.ThrowsAsync<LinkException>(() => sent.Soon())).Error);
        _ = server.SendAsync("js", new { }, new SendOptions { Id = "r2" });
        using var again = await AnswerAsync(listener);
        Assert.Equal("""{"id":"r2","sentBy":"test-one","data":{}}""", await again.ReadLineAsync());
    }

    [Fact]
    public async Task With_MessagePack_the_packet_is_a_map()
    {
        var transport = new MeshTransport(Quiet with { Format = MeshFormat.MessagePack });
        var server = Make("test-one", Over(transport));
        server.OnMessage(message => message.ReplyAsync(new { sum = (int?)message.Data["a"] + 1 }));
        await server.StartAsync().Soon();
        using var node = await TcpPeer.DialAsync(new Uri(transport.Info!).Port);
        await node.WriteAsync(Bytes([0x82, 0xa2, .. "id"u8, 0xa2, .. "js"u8, 0xa4, .. "info"u8, 0xb1, .. "tcp://127.0.0.1:1"u8]));
        Assert.Equal([0x81, 0xa2, .. "id"u8, 0xa8, .. "test-one"u8], await node.ReadAsync(13));
        await node.WriteAsync(Bytes([0x81, 0xa8, .. "priority"u8, 0x01]));
        byte[] chosen = [0x81, 0xa7, .. "confirm"u8, 0xc3, 0x81, 0xab, .. "$masterless"u8, 0x81, 0xa4, .. "keep"u8, 0xc3];
        Assert.Equal(chosen, await node.ReadAsync(chosen.Length));

        await node.WriteAsync(Bytes([0x82, 0xa2, .. "id"u8, 0x07, 0xa4, .. "data"u8, 0x81, 0xa1, .. "a"u8, 0x29]));

        Assert.Equal([0x83, 0xa7, .. "success"u8, 0xc3, 0xa2, .. "id"u8, 0x07, 0xa3, .. "sum"u8, 0x2a], await node.ReadAsync(19));
    }

    private static byte[] Bytes(byte[] bytes) => bytes;

    /// <summary>Options with which nothing comes unasked for.</summary>
    private static MeshOptions Quiet => new() { HeartbeatInterval = TimeSpan.FromHours(1), DeadPeerTimeout = Timeout.InfiniteTimeSpan };

    private static ServerOptions Over(MeshTransport transport) => new() { Transport = transport, AllowMultiple = true };

    private async Task<(Server Server, int Port)> StartAsync(Func<Message, Task>? handler = null)
    {
        var transport = new MeshTransport(Quiet);
        var server = await StartAsync("test-one", Over(transport), handler);
        return (server, new Uri(transport.Info!).Port);
    }

    /// <summary>A plain node that has connected.</summary>
    private static async Task<TcpPeer> JoinAsync(int port)
    {
        var node = await TcpPeer.DialAsync(port);
        await node.WriteLinesAsync("""{"id":"js","info":"tcp://127.0.0.1:1"}""");
        Assert.Equal("""{"id":"test-one"}""", await node.ReadLineAsync());
        await node.WriteLinesAsync("""{"priority":1}""");
        Assert.Equal("""{"confirm":true}""", await node.ReadLineAsync());
        Assert.Equal("[true]", await node.ReadLineAsync());
        return node;
    }

    /// <summary>A plain node to which somebody connects.</summary>
    private static async Task<TcpPeer> AnswerAsync(Socket listener)
    {
        var node = await TcpPeer.AcceptAsync(listener);
        await node.ReadLineAsync();
        await node.WriteLinesAsync("""{"id":"js"}""");
        Assert.Equal("""{"priority":1}""", await node.ReadLineAsync());
        await node.WriteLinesAsync("""{"confirm":true}""");
        Assert.Equal("[true]", await node.ReadLineAsync());
        return node;
    }
}

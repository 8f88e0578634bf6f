using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.Streams;
using Link.Testing;
using Link.Tests.Faults;

namespace Link.Tests.NodeIpc.Events;

/// <summary>One message to everybody.</summary>
public sealed class BroadcastTests : IpcTest
{
    private readonly Seen _seen = new();

    [Fact]
    public async Task A_broadcast_reaches_every_connection_that_of_the_sender_included()
    {
        var server = Make("world");
        server.Server.On("tell", async message => _seen.Add($"reached {await server.Server.BroadcastAsync("news", message.Data)}"));
        await Within.Deadline(server.ServeAsync());
        await Within.Deadline(server.ServeNetAsync(port: 0));
        var clients = new List<IpcClient>();
        foreach (var id in (string[])["a", "b", "c"])
        {
            var ipc = Make(id);
            ipc.Of("world").On("news", message => _seen.Add($"{id} {message.As<string>()}"));
            clients.Add(id == "c"
                ? await Within.Deadline(ipc.ConnectToNetAsync("world", port: server.Server.Endpoints.Single(endpoint => endpoint.IsNetwork).Port))
                : await Within.Deadline(ipc.ConnectToAsync("world")));
        }

        await Within.Until(() => server.Server.Sockets.Count == 3);
        await clients[0].EmitAsync("tell", "x");

        Assert.Equal(["a x", "b x", "c x", "reached 3"], (await _seen.NextAsync(4)).Order());
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_cut_and_holds_up_nobody()
    {
        var limits = new StreamLimits { MaxFrameBytes = 64 * 1024, OutboundBacklogBytes = 256 * 1024 };
        var server = Make("world", options => options with { Limits = limits });
        server.Server.Error += (_, e) => _seen.Add($"error {((LinkException)e.Error).Error}");
        server.Server.Closed += (_, _) => _seen.Add("closed");
        await Within.Deadline(server.ServeAsync());
        using var slow = await RawPeer.DialAsync(Directory.File("app.world"));
        var client = await Within.Deadline(Make("hello", options => options with { Limits = limits }).ConnectToAsync("world"));
        var got = new Seen();
        client.On("news", message => got.Add(message.As<string>()!.Length.ToString()));
        await Within.Until(() => server.Server.Sockets.Count == 2);

        var reached = 2;
        for (var round = 0; reached == 2; round++)
        {
            Assert.True(round < 1000, "The slow peer is never cut.");
            reached = await server.Server.BroadcastAsync("news", new string('x', 50_000));
            Assert.Equal("50000", await got.NextAsync());
        }

        Assert.Equal(1, reached);
        Assert.Equal(["error Overloaded", "closed"], await _seen.NextAsync(2));
        Assert.Equal(1, await server.Server.BroadcastAsync("news", "last"));
        Assert.Equal("4", await got.NextAsync());
    }

    [Fact]
    public async Task What_is_too_large_or_no_JSON_reaches_nobody_and_says_so()
    {
        var (server, client) = await MakePairAsync(options => options with { Limits = new StreamLimits { MaxFrameBytes = 1024 } });
        await Within.Until(() => server.Server.Sockets.Count == 1);

        Assert.Equal(LinkError.TooLarge, (await Assert.ThrowsAsync<LinkException>(() => server.Server.BroadcastAsync("x", new string('x', 1024)))).Error);
        Assert.Equal(LinkError.TooLarge, (await Assert.ThrowsAsync<LinkException>(() => client.EmitAsync("x", new string('x', 1024)))).Error);
        Assert.Equal(LinkError.InvalidData, (await Assert.ThrowsAsync<LinkException>(() => server.Server.BroadcastAsync("x", new Payload("{"u8.ToArray())))).Error);
        Assert.Equal(1, await server.Server.BroadcastAsync("x", 1));
    }

    [Fact]
    public async Task A_broadcast_to_nobody_reaches_nobody() => Assert.Equal(0, await Make("world").Server.BroadcastAsync("news"));
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.Testing;

namespace Link.Tests.NodeIpc.Events;

/// <summary>Servers that send each other datagrams.</summary>
public sealed class UdpTests : IpcTest
{
    private readonly Seen _seen = new();

    [Theory]
    [InlineData(UdpVersion.Udp4, "127.0.0.1")]
    [InlineData(UdpVersion.Udp6, "::1")]
    public async Task A_server_sends_to_an_address_not_heard_of_and_is_answered(UdpVersion version, string host)
    {
        var (world, hello) = (Make("world"), Make("hello"));
        var endpoint = await Within.Deadline(world.ServeNetAsync(version, host, 0));
        await Within.Deadline(hello.ServeNetAsync(version, host, 0));
        world.Server.On("message", message => message.Socket.EmitAsync("message", message.As<string>() + " world!"));
        hello.Server.On("message", message => _seen.Add(message.As<string>()!));

        var socket = await Within.Deadline(hello.Server.ToAsync(version, host, endpoint.Port));
        await socket.EmitAsync("message", "hello");

        Assert.Equal("hello world!", await _seen.NextAsync());
        Assert.Same(socket, await Within.Deadline(hello.Server.ToAsync(version, host, endpoint.Port)));
    }

    [Fact]
    public async Task A_frame_is_a_datagram_and_a_datagram_may_hold_several()
    {
        var (world, peer) = await ServeAsync();
        world.Server.On("message", message => message.Socket.EmitAsync("answer", message.Data));

        await SendAsync(peer, world, "{\"type\":\"message\",\"data\":1}\f{\"type\":\"message\",\"data\":2}\f");

        Assert.Equal("{\"type\":\"answer\",\"data\":1}\f", await ReceiveAsync(peer));
        Assert.Equal("{\"type\":\"answer\",\"data\":2}\f", await ReceiveAsync(peer));
    }

    [Fact]
    public async Task A_malformed_datagram_is_reported_and_ends_nothing()
    {
        var (world, peer) = await ServeAsync();
        world.Server.Error += (_, e) => _seen.Add($"error {((LinkException)e.Error).Error}");
        world.Server.On("message", message => _seen.Add(message.Payload.ToString()));

        await SendAsync(peer, world, "{bad}\f");
        Assert.Equal("error ProtocolViolation", await _seen.NextAsync());
        await SendAsync(peer, world, "{\"type\":\"message\",\"data\":1}\f");

        Assert.Equal("1", await _seen.NextAsync());
    }

    [Fact]
    public async Task A_broadcast_reaches_every_peer_that_is_known()
    {
        var (world, first) = await ServeAsync();
        using var second = Open();
        world.Server.On("hi", _ => _seen.Add("hi"));
        await SendAsync(first, world, "{\"type\":\"hi\",\"data\":1}\f");
        await SendAsync(second, world, "{\"type\":\"hi\",\"data\":1}\f");
        Assert.Equal(["hi", "hi"], await _seen.NextAsync(2));

        Assert.Equal(2, await world.Server.BroadcastAsync("news", 1));

        Assert.Equal("{\"type\":\"news\",\"data\":1}\f", await ReceiveAsync(first));
        Assert.Equal("{\"type\":\"news\",\"data\":1}\f", await ReceiveAsync(second));
    }

    [Fact]
    public async Task Raw_datagrams_come_and_go_unchanged()
    {
        var (world, peer) = await ServeAsync(options => options with { RawBuffer = true });
        world.Server.Data += (_, e) => _ = e.Socket.EmitRawAsync(e.Bytes);
        byte[] bytes = [0xff, 0, 0x0c, 0x80];

        await Within.Deadline(peer.SendToAsync(bytes, new IPEndPoint(IPAddress.Loopback, world.Server.Endpoints.Single().Port)));
        var buffer = new byte[16];
        var count = await Within.Deadline(peer.ReceiveAsync(buffer.AsMemory()));

        Assert.Equal(bytes, buffer[..count]);
    }

    [Fact]
    public async Task What_does_not_fit_into_a_datagram_is_refused()
    {
        var (world, peer) = await ServeAsync();
        var to = await Within.Deadline(world.Server.ToAsync(UdpVersion.Udp4, "127.0.0.1", ((IPEndPoint)peer.LocalEndPoint!).Port));

        var error = await Assert.ThrowsAsync<LinkException>(() => to.EmitAsync("message", new string('x', 70_000)));

        Assert.Equal((LinkError.TooLarge, RequestFate.NotSent), (error.Error, error.Fate));
    }

    [Fact]
    public async Task An_address_needs_a_server_of_its_kind()
    {
        var (world, _) = await ServeAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => world.Server.ToAsync(UdpVersion.Udp6, "::1", 8000));
        await Assert.ThrowsAsync<ArgumentException>(() => world.Server.ToAsync(UdpVersion.Udp4, "::1", 8000));
    }

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static Task SendAsync(Socket peer, Ipc to, string text) => Within.Deadline(
        peer.SendToAsync(Encoding.UTF8.GetBytes(text), new IPEndPoint(IPAddress.Loopback, to.Server.Endpoints.Single().Port)));

    private static async Task<string> ReceiveAsync(Socket peer)
    {
        var buffer = new byte[1024];
        var count = await Within.Deadline(peer.ReceiveAsync(buffer.AsMemory()));
        return Encoding.UTF8.GetString(buffer, 0, count);
    }

    private async Task<(Ipc World, Socket Peer)> ServeAsync(Func<IpcOptions, IpcOptions>? change = null)
    {
        var world = Make("world", change);
        await Within.Deadline(world.ServeNetAsync(UdpVersion.Udp4, port: 0));
        var peer = Open();
        Keep(new Closing(peer));
        return (world, peer);
    }

    private sealed class Closing(Socket socket) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

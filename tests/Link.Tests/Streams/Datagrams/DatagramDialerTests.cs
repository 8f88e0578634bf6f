using System.Net;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Endpoints;
using Link.Testing;

namespace Link.Tests.Streams.Datagrams;

public sealed class DatagramDialerTests : IAsyncLifetime
{
    private readonly DatagramScene _scene = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _scene.DisposeAsync().AsTask();

    [Fact]
    public async Task Dialling_greets_with_an_empty_datagram_and_each_frame_is_one_datagram()
    {
        var socket = _scene.OpenSocket();
        var channel = await _scene.DialAsync(DatagramScene.EndpointOf(socket));
        DatagramScene.Write(channel, "one");
        channel.Write("two", static (output, text) => output.Write(System.Text.Encoding.UTF8.GetBytes(text)), more: true);
        channel.Flush();
        Assert.Equal("", await DatagramScene.ReceiveAsync(socket));
        Assert.Equal("one\f", await DatagramScene.ReceiveAsync(socket));
        Assert.Equal("two\f", await DatagramScene.ReceiveAsync(socket));
        Assert.True(channel.Peer.IsDialled);
        Assert.Equal("peer", channel.Peer.Name);
    }

    [Fact]
    public async Task A_port_of_this_machine_on_which_nobody_listens_is_no_peer()
    {
        var socket = _scene.OpenSocket();
        var endpoint = DatagramScene.EndpointOf(socket);
        socket.Dispose();
        var refusal = await Assert.ThrowsAsync<LinkException>(() => _scene.DialAsync(endpoint));
        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (refusal.Error, refusal.Fate));
        Assert.Contains(endpoint.ToString(), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_refusal_is_a_lost_connection_after_what_had_come()
    {
        var socket = _scene.OpenSocket();
        var channel = await _scene.DialAsync(DatagramScene.EndpointOf(socket));
        var remote = await GreetedByAsync(socket);
        await socket.SendToAsync("before\f"u8.ToArray(), remote);
        socket.Dispose();
        DatagramScene.Write(channel, "anybody?");

        Assert.Equal("before", await DatagramScene.ReadAsync(channel));
        var lost = await Assert.ThrowsAsync<LinkException>(() => DatagramScene.ReadAsync(channel));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (lost.Error, lost.Fate));
        var refusal = Assert.Throws<LinkException>(() => DatagramScene.Write(channel, "again"));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), (refusal.Error, refusal.Fate));
    }

    [Fact]
    public async Task What_strangers_send_to_a_dialled_socket_is_not_received()
    {
        var socket = _scene.OpenSocket();
        var channel = await _scene.DialAsync(DatagramScene.EndpointOf(socket));
        var remote = await GreetedByAsync(socket);
        await _scene.OpenSocket().SendToAsync("stranger\f"u8.ToArray(), remote);
        await socket.SendToAsync("peer\f"u8.ToArray(), remote);
        Assert.Equal("peer", await DatagramScene.ReadAsync(channel));
    }

    [Fact]
    public async Task A_dialled_channel_in_silence_ends()
    {
        var channel = await _scene.DialAsync(DatagramScene.EndpointOf(_scene.OpenSocket()));
        _scene.Clock.Advance(_scene.Limits.IdleTimeout / 2);
        DatagramScene.Write(channel, "sending counts");
        _scene.Clock.Advance(_scene.Limits.IdleTimeout / 2);
        DatagramScene.Write(channel, "it goes on");
        var end = DatagramScene.ReadAsync(channel);
        _scene.Clock.Advance(_scene.Limits.IdleTimeout);
        Assert.Null(await Within.Deadline(end));
    }

    [Fact]
    public async Task Dialling_leaves_from_the_interface_that_is_asked_for()
    {
        var socket = _scene.OpenSocket();
        var options = _scene.Options with { Interface = new LocalInterface { LocalAddress = IPAddress.Parse("127.0.0.9") } };
        await _scene.DialAsync(DatagramScene.EndpointOf(socket), options);
        Assert.Equal(IPAddress.Parse("127.0.0.9"), (await GreetedByAsync(socket)).Address);
    }

    [Fact]
    public async Task A_cancelled_dial_sends_nothing()
    {
        var socket = _scene.OpenSocket();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Link.Streams.Datagrams.DatagramDialer.DialAsync(
            DatagramScene.EndpointOf(socket), "peer", DatagramScene.Codec, _scene.Limits, _scene.Options, _ => { }, new CancellationToken(true)).AsTask());
        Assert.False(socket.Poll(TimeSpan.Zero, SelectMode.SelectRead));
    }

    private static async Task<IPEndPoint> GreetedByAsync(Socket socket) =>
        (IPEndPoint)(await Within.Deadline(socket.ReceiveFromAsync(new byte[16], SocketFlags.None, new IPEndPoint(IPAddress.Any, 0)))).RemoteEndPoint;
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Link.Abstractions;
using Link.NodeIpc;
using Link.NodeIpc.Events;
using Link.Streams.Endpoints;
using Link.Testing;

namespace Link.Tests.NodeIpc;

/// <summary>Datagrams that are there to do harm.</summary>
public sealed class UdpFloodTests
{
    [Theory]
    [InlineData("x\f")]
    [InlineData("1\f")]
    public async Task The_first_frame_that_is_no_message_drops_the_rest_of_its_datagram(string frame)
    {
        await using var transport = new NodeIpcTransport(new NodeIpcOptions { ListenOn = "udp4://127.0.0.1:0" });
        await Within.Deadline(transport.BindAsync("world"));
        using var socket = Open(transport);
        socket.Send(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(frame, 20_000))));
        socket.Send(Encoding.ASCII.GetBytes("""{"type":"message","data":"{\"id\":\"one\",\"data\":{}}"}""" + "\f"));

        await using var connection = (await Within.Deadline(transport.AcceptAsync()))!;
        Assert.NotNull(await Within.Deadline(connection.ReadAsync()));

        Assert.Equal(LinkError.ProtocolViolation, (await Within.Deadline(transport.Faults.ReadAsync())).Error);
        Assert.False(transport.Faults.TryRead(out _));
    }

    [Fact]
    public async Task The_same_holds_for_events()
    {
        var errors = 0;
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var ipc = new Ipc(new IpcOptions { Id = "world" });
        ipc.Server.Error += (_, _) => Interlocked.Increment(ref errors);
        ipc.Server.On("after", _ => arrived.TrySetResult());
        var endpoint = await Within.Deadline(ipc.ServeNetAsync(UdpVersion.Udp4, "127.0.0.1", 0));
        using var socket = Open(endpoint);
        socket.Send(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("x\f", 20_000))));
        socket.Send(Encoding.ASCII.GetBytes("""{"type":"after","data":{}}""" + "\f"));

        await Within.Deadline(arrived.Task);

        Assert.Equal(1, errors);
    }

    [Fact]
    public async Task A_port_is_free_at_once_when_nothing_but_noise_was_received()
    {
        await using var transport = new NodeIpcTransport(new NodeIpcOptions { ListenOn = "udp4://127.0.0.1:0" });
        await Within.Deadline(transport.BindAsync("world"));
        var endpoint = transport.Endpoint!;
        using var socket = Open(transport);
        socket.Send("\f"u8);
        await using var connection = (await Within.Deadline(transport.AcceptAsync()))!;
        var reading = connection.ReadAsync();

        await Within.Deadline(transport.UnbindAsync());

        Assert.Null(await Within.Deadline(reading));
        await using var next = new NodeIpcTransport(new NodeIpcOptions { ListenOn = endpoint });
        await Within.Deadline(next.BindAsync("world"));
    }

    private static Socket Open(NodeIpcTransport transport) => Open(Endpoint.Parse(transport.Endpoint!));

    private static Socket Open(Endpoint endpoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(new IPEndPoint(IPAddress.Loopback, endpoint.Port));
        return socket;
    }
}

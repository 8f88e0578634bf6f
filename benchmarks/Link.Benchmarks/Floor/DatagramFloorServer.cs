using System.Net;
using System.Net.Sockets;

namespace Link.Benchmarks.Floor;

/// <summary>The other side of the bare UDP socket: sends each datagram back to where it came from.</summary>
internal sealed class DatagramFloorServer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Start()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _ = Task.Run(EchoAsync);
    }

    public void Dispose() => _socket.Dispose();

    private async Task EchoAsync()
    {
        var buffer = new byte[Payloads.SmallBytes];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        while (true)
        {
            try
            {
                var count = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, from);
                await _socket.SendToAsync(buffer.AsMemory(0, count), SocketFlags.None, from);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused)
            {
                // A client that has gone: it concerns nobody else.
            }
            catch (SocketException)
            {
                return;
            }
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Link.Streams.Datagrams;

/// <summary>What is the same for every UDP socket.</summary>
internal static class DatagramSocket
{
    /// <summary>No datagram is larger.</summary>
    public const int BufferBytes = 65_536;

    // What comes while the receiving thread does something else waits here. The kernel may grant less.
    private const int KernelBufferBytes = 1024 * 1024;

    /// <summary>A socket that never waits when it sends.</summary>
    public static Socket Open(AddressFamily family) => new(family, SocketType.Dgram, ProtocolType.Udp)
    {
        Blocking = false,
        ReceiveBufferSize = KernelBufferBytes,
        SendBufferSize = KernelBufferBytes,
    };

    /// <summary>Sends now or not at all.</summary>
    public static SocketError Send(Socket socket, ReadOnlySpan<byte> datagram, SocketAddress? to)
    {
        try
        {
            _ = to is null ? socket.Send(datagram, SocketFlags.None) : socket.SendTo(datagram, SocketFlags.None, to);
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
        catch (ObjectDisposedException)
        {
            return SocketError.OperationAborted;
        }
    }
}

using System.Net.Sockets;

namespace Link.Streams.Sockets;

/// <summary>Asks the kernel how far a TCP connection is. Linux only; elsewhere it knows nothing.</summary>
internal static class TcpState
{
    private const int TcpLevel = 6;
    private const int InfoOption = 11;

    // The three states in which the end of this side has been sent and not acknowledged.
    private const byte FinWait1 = 4;
    private const byte LastAck = 9;
    private const byte Closing = 11;

    /// <summary>Whether this side has ended and the peer's side has not acknowledged that yet. False where the kernel does not tell.</summary>
    /// <exception cref="SocketException">The socket is broken.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public static bool HasUnacknowledgedEnd(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        // The state is the first byte of the kernel's structure; what follows is cut off.
        Span<byte> state = stackalloc byte[1];
        return socket.GetRawSocketOption(TcpLevel, InfoOption, state) == 1 && state[0] is FinWait1 or LastAck or Closing;
    }
}

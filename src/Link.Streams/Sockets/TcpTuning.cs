using System.Net.Sockets;

namespace Link.Streams.Sockets;

/// <summary>Sets a TCP socket up: no delay for small frames, and an end for connections whose peer has silently gone.</summary>
internal static class TcpTuning
{
    private const int TcpLevel = 6;

    // TCP_USER_TIMEOUT of Linux, in milliseconds: how long sent bytes may stay unacknowledged.
    private const int UserTimeoutOption = 18;

    private const int Probes = 3;

    /// <summary>Applies to a socket before or after it is connected; a listener's settings are inherited by what it accepts.</summary>
    /// <param name="socket">A TCP socket.</param>
    /// <param name="deadPeerTimeout">After how long without an acknowledgement the connection counts as lost.</param>
    public static void Apply(Socket socket, TimeSpan deadPeerTimeout)
    {
        socket.NoDelay = true;

        // Half of the time is waiting in silence, the other half asking.
        var seconds = (int)deadPeerTimeout.TotalSeconds;
        var interval = Math.Max(1, seconds / 2 / Probes);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Math.Max(1, seconds - (interval * Probes)));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, interval);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        if (OperatingSystem.IsLinux())
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            BitConverter.TryWriteBytes(value, (int)deadPeerTimeout.TotalMilliseconds);
            socket.SetRawSocketOption(TcpLevel, UserTimeoutOption, value);
        }
    }
}

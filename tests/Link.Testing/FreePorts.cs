using System.Net;
using System.Net.Sockets;

namespace Link.Testing;

/// <summary>
/// Ports that nobody uses. They lie below those that the operating system hands out by itself, so that no passing connection takes one
/// before the test does.
/// </summary>
public static class FreePorts
{
    private const int First = 10_000;
    private const int AfterLast = 32_000;

    private static readonly HashSet<int> Given = [];

    /// <summary>A port free for TCP and UDP on both loopback addresses, which no other call in this process has given.</summary>
    public static int Next()
    {
        lock (Given)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, AfterLast);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port) =>
        CanBind(IPAddress.Loopback, SocketType.Stream, port) && CanBind(IPAddress.IPv6Loopback, SocketType.Stream, port) &&
        CanBind(IPAddress.Loopback, SocketType.Dgram, port) && CanBind(IPAddress.IPv6Loopback, SocketType.Dgram, port);

    private static bool CanBind(IPAddress address, SocketType type, int port)
    {
        using var socket = new Socket(address.AddressFamily, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

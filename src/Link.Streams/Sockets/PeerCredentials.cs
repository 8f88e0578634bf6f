using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Link.Streams.Sockets;

/// <summary>Who is at the other end of a connected Unix socket, as the kernel tells it. The peer cannot forge it.</summary>
/// <param name="ProcessId">
/// The process that connected, or for the connecting side the one that listens; 0 when it lives in a process namespace that this process cannot see.
/// </param>
/// <param name="UserId">The effective user id it had at that moment.</param>
/// <param name="GroupId">The effective group id it had at that moment.</param>
internal readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId)
{
    private const int SocketLevel = 1;
    private const int SizeInBytes = 12;

    // SO_PEERCRED, one of the few socket options whose number depends on the processor.
    private static int PeerCredentialsOption => RuntimeInformation.ProcessArchitecture is Architecture.Ppc64le ? 21 : 17;

    /// <summary>The effective user id of this process. Thread-safe.</summary>
    /// <exception cref="PlatformNotSupportedException">On Windows, which has no such number.</exception>
    public static uint OwnUserId => OperatingSystem.IsWindows()
        ? throw new PlatformNotSupportedException("Windows has no numeric user ids.")
        : LibC.GetEffectiveUserId();

    /// <summary>
    /// The peer of a connected Unix socket; null when the kernel has nobody to tell: another kind of socket, not connected,
    /// or an operating system other than Linux. Thread-safe.
    /// </summary>
    /// <exception cref="SocketException">The kernel refuses to tell.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public static PeerCredentials? Of(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (!OperatingSystem.IsLinux() || socket.AddressFamily != AddressFamily.Unix)
        {
            return null;
        }

        Span<byte> raw = stackalloc byte[SizeInBytes];
        if (socket.GetRawSocketOption(SocketLevel, PeerCredentialsOption, raw) != SizeInBytes)
        {
            return null;
        }

        var credentials = new PeerCredentials(
            MemoryMarshal.Read<int>(raw), MemoryMarshal.Read<uint>(raw[4..]), MemoryMarshal.Read<uint>(raw[8..]));

        // The user id -1 is the kernel's way to say "nobody": the socket is not connected.
        return credentials.UserId == uint.MaxValue ? null : credentials;
    }
}

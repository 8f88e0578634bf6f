using System.Globalization;
using System.Net.Sockets;
using Link.Abstractions;

namespace Link.Streams.Sockets;

/// <summary>
/// Accepts, and leaves the process some file descriptors: without any the runtime cannot start a thread, and dies of it. Strangers must not
/// be able to do that.
/// </summary>
internal static class AcceptedSocket
{
    private const ulong Reserve = 64;

    /// <summary>The next connection of a listener.</summary>
    /// <exception cref="LinkException">Descriptors are scarce (<see cref="LinkError.Overloaded"/>); the connection was closed.</exception>
    /// <exception cref="SocketException">Accepting failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async ValueTask<SocketStream> NextAsync(Socket listener, bool spins, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);

        // The kernel hands out the lowest number that is free: it tells how many are taken.
        if (OperatingSystem.IsLinux() &&
            LibC.DescriptorLimit() is { } limit && (ulong)socket.SafeHandle.DangerousGetHandle() + Reserve >= limit)
        {
            socket.Dispose();
            throw new LinkException(LinkError.Overloaded, string.Create(
                CultureInfo.InvariantCulture, $"A connection was closed at once: the process may have {limit} open files, and the last {Reserve} are kept for itself."));
        }

        return new SocketStream(socket, spins, time);
    }
}

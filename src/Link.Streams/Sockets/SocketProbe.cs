using System.Globalization;
using System.Net.Sockets;

namespace Link.Streams.Sockets;

/// <summary>Finds out whether somebody listens on a socket file, by connecting to it. Never blocks.</summary>
internal static class SocketProbe
{
    /// <summary>Tells what is there, and for <see cref="SocketState.Live"/> why it counts as live.</summary>
    internal static SocketState Probe(string path, out string reason)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Blocking = false;
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            reason = PeerCredentials.Of(socket) is { ProcessId: > 0 } peer
                ? string.Create(CultureInfo.InvariantCulture, $"a live server listens there (pid {peer.ProcessId})")
                : "a live server listens there";
            return SocketState.Live;
        }
        catch (SocketException e)
        {
            return Classify(e, out reason);
        }
    }

    // Only a refusal proves that nobody listens. Whatever else happens, the file is left alone.
    private static SocketState Classify(SocketException failure, out string reason)
    {
        reason = failure.SocketErrorCode == SocketError.WouldBlock
            ? "a live server listens there (its queue of connections is full)"
            : $"a socket is there that may be live ({failure.Message})";
        return failure.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => SocketState.Stale,
            SocketError.AddressNotAvailable => SocketState.Gone, // so the platform reports ENOENT
            _ => SocketState.Live,
        };
    }
}

using System.Net.Sockets;

namespace Link.Benchmarks.Floor;

/// <summary>How the other side of a bare socket answers.</summary>
internal enum FloorMode
{
    /// <summary>With asynchronous calls, whatever it received.</summary>
    Asynchronous,

    /// <summary>With blocking calls on a thread of its own, whatever it received.</summary>
    Blocking,

    /// <summary>With asynchronous calls, whole messages of 64 KiB.</summary>
    Medium,

    /// <summary>With asynchronous calls, whole messages of 1 MiB.</summary>
    Large,
}

/// <summary>What both sides of the bare sockets share.</summary>
internal static class FloorSocket
{
    public static UnixDomainSocketEndPoint EndPoint(string directory, FloorMode mode) => new($"{directory}floor.{mode}");

    public static async Task<Socket> ConnectAsync(string directory, FloorMode mode, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(EndPoint(directory, mode), cancellationToken);
        return socket;
    }

    /// <summary>Fills the buffer; false when the other side has ended.</summary>
    public static async ValueTask<bool> TryReceiveAllAsync(Socket socket, Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = await socket.ReceiveAsync(buffer);
            if (count == 0)
            {
                return false;
            }

            buffer = buffer[count..];
        }

        return true;
    }

    public static async ValueTask SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }
}

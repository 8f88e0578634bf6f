using System.Net.Sockets;
using System.Text;
using Link.Testing;

namespace Link.Wire.Support;

/// <summary>The other end of a Unix socket, by hand: bytes in, frames out.</summary>
internal sealed class RawSocket(Socket socket) : IDisposable
{
    private readonly List<byte> _input = [];

    /// <summary>Listens at a path.</summary>
    public static Socket Listen(string path)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        return listener;
    }

    /// <summary>The next connection of a listener.</summary>
    public static async Task<RawSocket> AcceptAsync(Socket listener) => new(await Within.Deadline(listener.AcceptAsync()));

    /// <summary>Dials a path.</summary>
    public static async Task<RawSocket> DialAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await Within.Deadline(socket.ConnectAsync(new UnixDomainSocketEndPoint(path)));
        return new RawSocket(socket);
    }

    public async Task WriteAsync(byte[] bytes)
    {
        ReadOnlyMemory<byte> rest = bytes;
        while (!rest.IsEmpty)
        {
            rest = rest[await Within.Deadline(socket.SendAsync(rest))..];
        }
    }

    /// <summary>Everything up to and including the next delimiter, as text; null at the end of the stream.</summary>
    public async Task<string?> ReadFrameAsync()
    {
        var chunk = new byte[65536];
        int end;
        while ((end = _input.IndexOf(Connections.Delimiter)) < 0)
        {
            var count = await Within.Deadline(socket.ReceiveAsync(chunk));
            if (count == 0)
            {
                return _input.Count == 0 ? null : throw new InvalidDataException("The stream ended inside a frame.");
            }

            _input.AddRange(chunk.AsSpan(0, count));
        }

        var frame = Encoding.UTF8.GetString([.. _input.Take(end + 1)]);
        _input.RemoveRange(0, end + 1);
        return frame;
    }

    public void EndWriting() => socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => socket.Dispose();
}

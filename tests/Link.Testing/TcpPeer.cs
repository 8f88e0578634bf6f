using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Link.Testing;

/// <summary>The other end of a TCP connection, by hand: exact bytes out, exact bytes or lines in.</summary>
public sealed class TcpPeer : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _chunk = new byte[65536];
    private readonly List<byte> _input = [];

    private TcpPeer(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
    }

    /// <summary>Where this end is, as an address of a node.</summary>
    public string Address => $"tcp://{_socket.LocalEndPoint}";

    /// <summary>Listens on a free port of loopback.</summary>
    public static Socket Listen(int port = 0)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen();
        return listener;
    }

    /// <summary>The port of a listener.</summary>
    public static int PortOf(Socket listener) => ((IPEndPoint)listener.LocalEndPoint!).Port;

    /// <summary>The next connection of a listener.</summary>
    public static async Task<TcpPeer> AcceptAsync(Socket listener) => new(await Within.Deadline(listener.AcceptAsync()));

    /// <summary>Dials a port of loopback.</summary>
    public static async Task<TcpPeer> DialAsync(int port)
    {
        var peer = new TcpPeer(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await Within.Deadline(peer._socket.ConnectAsync(IPAddress.Loopback, port));
        return peer;
    }

    /// <summary>Sends text as it stands.</summary>
    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends lines in one write.</summary>
    public Task WriteLinesAsync(params string[] lines) => WriteAsync(string.Concat(lines.Select(line => line + "\r\n")));

    /// <summary>Sends bytes; if the other end has gone, as many as it takes.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await Within.Deadline(_socket.SendAsync(bytes))..];
            }
        }
        catch (SocketException)
        {
            // What it has sent before can still be read.
        }
    }

    /// <summary>The next line, without its end; null at the end of the stream.</summary>
    public async Task<string?> ReadLineAsync()
    {
        int end;
        while ((end = IndexOfEnd()) < 0)
        {
            if (!await FillAsync())
            {
                return _input.Count == 0 ? null : throw new InvalidDataException($"The stream ended inside a line: {Encoding.UTF8.GetString([.. _input])}");
            }
        }

        return Encoding.UTF8.GetString(Take(end + 2)[..^2]);
    }

    /// <summary>So many bytes; fewer at the end of the stream.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        while (_input.Count < count && await FillAsync())
        {
        }

        return Take(Math.Min(count, _input.Count));
    }

    /// <summary>All that comes until the end of the stream.</summary>
    public Task<byte[]> ReadToEndAsync() => ReadAsync(int.MaxValue);

    /// <summary>Says that nothing more will be sent.</summary>
    public void EndWriting()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The other end has gone before.
        }
    }

    /// <summary>Closes so that the other end sees an error, no end.</summary>
    public void Reset() => _socket.Close(0);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private int IndexOfEnd()
    {
        for (var at = 0; at + 1 < _input.Count; at++)
        {
            if (_input[at] == '\r' && _input[at + 1] == '\n')
            {
                return at;
            }
        }

        return -1;
    }

    private byte[] Take(int count)
    {
        byte[] taken = [.. _input.Take(count)];
        _input.RemoveRange(0, count);
        return taken;
    }

    private async Task<bool> FillAsync()
    {
        try
        {
            var count = await Within.Deadline(_socket.ReceiveAsync(_chunk));
            _input.AddRange(_chunk.AsSpan(0, count));
            return count > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

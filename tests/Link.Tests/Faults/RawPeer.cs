using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>One end of a Unix socket, written by hand: it sends what it is told and no more.</summary>
internal sealed class RawPeer(Socket socket) : IDisposable
{
    private readonly byte[] _chunk = new byte[64 * 1024];
    private readonly List<byte> _received = [];

    public Socket Socket { get; } = socket;

    public static async Task<RawPeer> DialAsync(string path)
    {
        Socket? connected = null;
        await Within.Until(async () => (connected = await TryDialAsync(path)) is not null);
        return new RawPeer(connected!);
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await Within.Deadline(Socket.SendAsync(bytes))..];
        }
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends to somebody who may close meanwhile; false when so.</summary>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendAsync(bytes);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Reads one frame; null when the connection has ended.</summary>
    public async Task<string?> ReadFrameAsync()
    {
        while (true)
        {
            var end = _received.IndexOf((byte)'\f');
            if (end >= 0)
            {
                var frame = Encoding.UTF8.GetString([.. _received.Take(end)]);
                _received.RemoveRange(0, end + 1);
                return frame;
            }

            if (await ReceiveAsync() is var count && count == 0)
            {
                return null;
            }

            _received.AddRange(_chunk.AsSpan(0, count));
        }
    }

    /// <summary>Reads one frame and gives its inner text.</summary>
    public async Task<string> ReadTextAsync()
    {
        var frame = await ReadFrameAsync();
        Assert.NotNull(frame);
        return JsonNode.Parse(frame)!["data"]!.GetValue<string>();
    }

    /// <summary>Reads one frame and gives its message.</summary>
    public async Task<JsonNode> ReadMessageAsync() => JsonNode.Parse(await ReadTextAsync())!;

    /// <summary>Waits until the other side has closed, whatever it sends before.</summary>
    public async Task WaitForEndAsync()
    {
        while (await ReceiveAsync() != 0)
        {
        }
    }

    /// <summary>Replies to the request just read, after reading it.</summary>
    public async Task AnswerAsync(string members = "")
    {
        var request = await ReadMessageAsync();
        await SendAsync(Frames.Reply(request["id"]!.ToJsonString(), members));
    }

    public void Dispose() => Socket.Dispose();

    /// <summary>Null while the listener's queue is full.</summary>
    private static async Task<Socket?> TryDialAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path)).WaitAsync(Within.Default);
            return socket;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<int> ReceiveAsync()
    {
        try
        {
            return await Within.Deadline(Socket.ReceiveAsync(_chunk.AsMemory()));
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}

using System.Net.Sockets;
using System.Text;
using Newtonsoft.Json.Linq;

namespace Link.Spec.Support;

/// <summary>A peer that is not Link: it speaks frames by hand over a stream.</summary>
internal sealed class RawPeer(Stream stream) : IDisposable
{
    private readonly List<byte> _input = [];

    /// <summary>A peer over a connected socket, which it owns.</summary>
    public static RawPeer Over(Socket socket) => new(new NetworkStream(socket, ownsSocket: true));

    /// <summary>Writes text as it is.</summary>
    public async Task WriteAsync(string text) => await WriteAsync(Encoding.UTF8.GetBytes(text));

    public Task WriteAsync(byte[] bytes) => stream.WriteAsync(bytes).AsTask().Soon();

    /// <summary>Writes one frame of type message around the text of a request or reply.</summary>
    public Task SendAsync(string inner) => WriteAsync(Frame(inner));

    /// <summary>Everything up to and including the next form feed; null at the end of the stream.</summary>
    public async Task<string?> ReadAsync()
    {
        var chunk = new byte[4096];
        int end;
        while ((end = _input.IndexOf((byte)'\f')) < 0)
        {
            var count = await ReceiveAsync(chunk);
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

    /// <summary>The request or reply inside the next frame.</summary>
    public async Task<JObject> ReceiveAsync()
    {
        var frame = await ReadAsync() ?? throw new InvalidDataException("The stream ended.");
        return JObject.Parse((string)JObject.Parse(frame[..^1])["data"]!);
    }

    /// <summary>Waits until the other side has closed.</summary>
    public async Task ClosedAsync()
    {
        while (await ReadAsync() is not null)
        {
        }
    }

    public void EndWriting() => ((NetworkStream)stream).Socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => stream.Dispose();

    public static string Frame(string inner) => "{\"type\":\"message\",\"data\":" + Quote(inner) + "}\f";

    public static string Quote(string text) => Newtonsoft.Json.JsonConvert.ToString(text);

    private async Task<int> ReceiveAsync(byte[] chunk)
    {
        try
        {
            return await stream.ReadAsync(chunk).Soon();
        }
        catch (IOException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return 0; // closed by the other side while it still had unread input
        }
    }
}

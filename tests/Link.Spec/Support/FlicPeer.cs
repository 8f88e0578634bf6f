using System.Net.Sockets;
using System.Text;
using Newtonsoft.Json.Linq;

namespace Link.Spec.Support;

/// <summary>The other end of a connection of flic, by hand: exact bytes out, frames in.</summary>
internal sealed class FlicPeer(Socket socket) : IDisposable
{
    private readonly List<byte> _input = [];

    /// <summary>Connects to a bridge and registers a name, as an original does.</summary>
    public static async Task<FlicPeer> JoinAsync(int port, string name)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", port).Soon();
        var peer = new FlicPeer(socket);
        await peer.SendAsync($$"""{"id":"ident","method":"IDENT","data":[],"nodeName":"{{name}}"}""");
        await peer.ReadAsync("ACK");
        return peer;
    }

    /// <summary>Sends one frame.</summary>
    public Task SendAsync(string frame) => socket.SendAsync(Encoding.UTF8.GetBytes(frame + '\0')).Soon();

    /// <summary>The next frame, with its delimiter; null at the end.</summary>
    public async Task<string?> ReadFrameAsync()
    {
        var chunk = new byte[64 * 1024];
        int end;
        while ((end = _input.IndexOf(0)) < 0)
        {
            var count = await socket.ReceiveAsync(chunk).Soon();
            if (count == 0)
            {
                return null;
            }

            _input.AddRange(chunk.AsSpan(0, count));
        }

        var frame = Encoding.UTF8.GetString([.. _input.Take(end + 1)]);
        _input.RemoveRange(0, end + 1);
        return frame;
    }

    /// <summary>The next frame of this method; others are passed over.</summary>
    public async Task<JObject> ReadAsync(string method)
    {
        while (true)
        {
            var frame = JObject.Parse((await ReadFrameAsync() ?? throw new InvalidDataException("The connection ended."))[..^1]);
            if ((string?)frame["method"] == method)
            {
                return frame;
            }
        }
    }

    /// <summary>The data of the next TELL of this event, as the bridge passes it on; other frames are passed over.</summary>
    public async Task<JArray> ReadTellAsync(string name)
    {
        while (true)
        {
            var data = (JArray)(await ReadAsync("TELL"))["data"]!;
            if ((string?)data[2] == name)
            {
                return data;
            }
        }
    }

    /// <summary>Answers a TELL.</summary>
    public Task AnswerAsync(JArray tell, string arguments) => SendAsync(
        $$"""{"id":"answer","method":"ACK","data":[{{Text(tell[0])}},{{Text(tell[1])}},{{arguments}}]}""");

    /// <summary>The data of the next ACK, as text.</summary>
    public async Task<string> ReadAnswerAsync() => Text((await ReadAsync("ACK"))["data"]!);

    public void Dispose() => socket.Dispose();

    public static string Text(JToken token) => token.ToString(Newtonsoft.Json.Formatting.None);
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Link.Flic;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Tests.Flic;

/// <summary>A node by hand: exact bytes out, frames in.</summary>
internal sealed class BridgeClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _chunk = new byte[65536];
    private readonly List<byte> _input = [];
    private int _lastId;

    private BridgeClient()
    {
    }

    /// <summary>The name that it has registered.</summary>
    public string? Name { get; private set; }

    /// <summary>Where it comes from, as the bridge names it.</summary>
    public string Endpoint => $"tcp://{_socket.LocalEndPoint}";

    /// <summary>Connects, and says nothing.</summary>
    public static async Task<BridgeClient> ConnectAsync(FlicBridge bridge)
    {
        var client = new BridgeClient();
        await Within.Deadline(client._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, bridge.Endpoint!.Port)));
        return client;
    }

    /// <summary>Connects as an original does, and is registered.</summary>
    public static async Task<BridgeClient> JoinAsync(FlicBridge bridge, string name)
    {
        var client = await ConnectAsync(bridge);
        await client.IdentAsync(name);
        return client;
    }

    /// <summary>Connects, and says that it is a node of Link.</summary>
    public static async Task<BridgeClient> ConnectAsLinkAsync(FlicBridge bridge)
    {
        var client = await ConnectAsync(bridge);
        await client.SendAsync("""{"id":"link","method":"LINK","data":[1]}""");
        Assert.Equal("""["link",[null]]""", await client.ReadAsync("ACK"));
        return client;
    }

    /// <summary>Connects as a node of Link does, and is registered.</summary>
    public static async Task<BridgeClient> JoinAsLinkAsync(FlicBridge bridge, string name)
    {
        var client = await ConnectAsLinkAsync(bridge);
        await client.IdentAsync(name);
        return client;
    }

    /// <summary>Registers a name.</summary>
    public async Task IdentAsync(string name)
    {
        Assert.Equal("[null]", await AskForAsync(name));
        Name = name;
    }

    /// <summary>Asks for a name; gives what the bridge answers.</summary>
    public async Task<string> AskForAsync(string name)
    {
        var id = $"ident-{++_lastId}";
        await SendAsync($$"""{"id":"{{id}}","method":"IDENT","data":[],"nodeName":"{{name}}"}""");
        var data = JArray.Parse(await ReadAsync("ACK"));
        Assert.Equal(id, data[0]);
        return data[1].ToString(Newtonsoft.Json.Formatting.None);
    }

    /// <summary>Sends frames in one write.</summary>
    public Task SendAsync(params string[] frames) => WriteAsync(Encoding.UTF8.GetBytes(string.Concat(frames.Select(frame => frame + '\0'))));

    /// <summary>Sends bytes.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await Within.Deadline(_socket.SendAsync(bytes))..];
        }
    }

    /// <summary>The next frame without its delimiter; null at the end.</summary>
    public async Task<string?> ReadAsync()
    {
        int end;
        while ((end = _input.IndexOf(0)) < 0)
        {
            var count = await Within.Deadline(_socket.ReceiveAsync(_chunk));
            if (count == 0)
            {
                return _input.Count == 0 ? null : throw new InvalidDataException("The bridge ended inside a frame.");
            }

            _input.AddRange(_chunk.AsSpan(0, count));
        }

        var frame = Encoding.UTF8.GetString([.. _input.Take(end)]);
        _input.RemoveRange(0, end + 1);
        return frame;
    }

    /// <summary>The text of the data of the next frame, which has to be of that method and to have members in the originals' order.</summary>
    public async Task<string> ReadAsync(string method)
    {
        var frame = await ReadAsync() ?? throw new InvalidDataException("The bridge has closed.");
        var begin = "{\"id\":\"".Length;
        Assert.True(Guid.TryParseExact(frame.Substring(begin, 36), "D", out _), frame);
        Assert.StartsWith($"\",\"method\":\"{method}\",\"data\":", frame[(begin + 36)..], StringComparison.Ordinal);
        return frame[(begin + 36 + $"\",\"method\":\"{method}\",\"data\":".Length)..^1];
    }

    /// <summary>Reads until the bridge has closed, in order or with a reset.</summary>
    public async Task ReadToEndAsync()
    {
        try
        {
            while (await ReadAsync() is not null)
            {
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidDataException)
        {
            // As good an end as any.
        }
    }

    /// <summary>Nothing has come that was not read, as far as the bridge has handled what this connection sent.</summary>
    public async Task AssertNothingCameAsync()
    {
        // Frames of one connection are handled in order, and nobody has this name.
        await SendAsync("""{"id":"nothing","method":"TELL","data":["nobody at all","e",[]]}""");
        Assert.Equal("""["nothing",["unknown-node"]]""", await ReadAsync("ACK"));
    }

    /// <summary>Says that no more will come.</summary>
    public void EndWriting() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends with a reset, as a killed process may.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Tests.Flic;

/// <summary>A bridge of the test's own, with one node at a time, which says exactly what the test says.</summary>
internal sealed class NodeBridge : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly StringBuilder _received = new();
    private Socket? _node;

    public NodeBridge()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>Whether the node has sent something that was not read yet.</summary>
    public bool HasMore => _received.Length > 0 || _node!.Available > 0;

    public async Task AcceptAsync()
    {
        _node?.Dispose();
        _received.Clear();
        _node = await Within.Deadline(_listener.AcceptSocketAsync());
    }

    /// <summary>Accepts a node and lets it introduce itself.</summary>
    /// <returns>The id of its IDENT.</returns>
    public async Task<string> AcceptIdentAsync()
    {
        await AcceptAsync();
        Assert.Equal("LINK", (string)(await ReadAsync())["method"]!);
        var ident = await ReadAsync();
        Assert.Equal("IDENT", (string)ident["method"]!);
        return (string)ident["id"]!;
    }

    /// <summary>Accepts a node, and acknowledges its name.</summary>
    public async Task RegisterAsync() => await AckAsync(await AcceptIdentAsync(), "[null]");

    public Task AckAsync(string id, string arguments) => WriteAsync($$"""{"id":"x","method":"ACK","data":["{{id}}",{{arguments}}]}""");

    public Task TellAsync(string sender, string id, string name, string arguments) =>
        WriteAsync($$"""{"id":"x","method":"TELL","data":["{{sender}}","{{id}}","{{name}}",{{arguments}}]}""");

    /// <summary>Sends a frame.</summary>
    public async Task WriteAsync(string frame) => await Within.Deadline(_node!.SendAsync(Encoding.UTF8.GetBytes(frame + "\0")));

    /// <summary>The next frame of the node, as its bytes.</summary>
    public async Task<string> ReadTextAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var text = _received.ToString();
            if (text.IndexOf('\0', StringComparison.Ordinal) is var end and >= 0)
            {
                _received.Remove(0, end + 1);
                return text[..end];
            }

            var count = await Within.Deadline(_node!.ReceiveAsync(buffer));
            _received.Append(Encoding.UTF8.GetString(buffer, 0, count));
            if (count == 0)
            {
                throw new EndOfStreamException("The node has closed the connection.");
            }
        }
    }

    /// <summary>The next frame of the node.</summary>
    public async Task<JObject> ReadAsync() => JObject.Parse(await ReadTextAsync());

    /// <summary>Ends the connection with the node, but not the bridge.</summary>
    public void Hang() => _node!.Close();

    public void Dispose()
    {
        _node?.Dispose();
        _listener.Dispose();
    }
}

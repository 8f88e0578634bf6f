using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

/// <summary>A connection of a masterless node that does only what a test tells it to: lines of JSON, and no heartbeats.</summary>
internal sealed class RawNode : IDisposable
{
    private readonly TcpClient _client;
    private readonly StreamReader _reader;

    private RawNode(TcpClient client)
    {
        _client = client;
        _reader = new StreamReader(client.GetStream(), new UTF8Encoding(false));
    }

    public Socket Socket => _client.Client;

    /// <summary>Dials a node, and gets as far as to be known there.</summary>
    public static async Task<RawNode> DialAsync(string info, string id, int port = 9)
    {
        var client = new TcpClient();
        var uri = new Uri(info);
        await Within.Deadline(client.ConnectAsync(uri.Host, uri.Port));
        var raw = new RawNode(client);
        await raw.WriteAsync($$"""{"id":"{{id}}","info":"tcp://127.0.0.1:{{port.ToString(CultureInfo.InvariantCulture)}}"}""");
        Assert.StartsWith("""{"id":""", await raw.ReadAsync(), StringComparison.Ordinal);
        return raw;
    }

    /// <summary>Dials a node, and connects.</summary>
    public static async Task<RawNode> ConnectAsync(string info, string id, int port = 9)
    {
        var raw = await DialAsync(info, id, port);
        await raw.WriteAsync("""{"priority":1}""");
        Assert.Equal("""{"confirm":true}""", await raw.ReadAsync());
        return raw;
    }

    /// <summary>Accepts, and gets as far as to be asked for the connection.</summary>
    public static async Task<RawNode> AcceptAsync(TcpListener listener, string id)
    {
        var raw = new RawNode(await Within.Deadline(listener.AcceptTcpClientAsync()));
        Assert.StartsWith("""{"id":""", await raw.ReadAsync(), StringComparison.Ordinal);
        await raw.WriteAsync($$"""{"id":"{{id}}"}""");
        return raw;
    }

    /// <summary>Accepts, and connects.</summary>
    public static async Task<RawNode> WelcomeAsync(TcpListener listener, string id)
    {
        var raw = await AcceptAsync(listener, id);
        Assert.Equal("""{"priority":1}""", await raw.ReadAsync());
        await raw.WriteAsync("""{"confirm":true}""");
        return raw;
    }

    public static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    public static string InfoOf(TcpListener listener) => $"tcp://{listener.LocalEndpoint}";

    public async Task WriteAsync(params string[] packets) =>
        await Within.Deadline(_client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(string.Concat(packets.Select(packet => packet + "\r\n")))));

    /// <summary>The next packet that is no heartbeat and does not tell of Link; null at the end.</summary>
    public async Task<string?> ReadAsync()
    {
        while (true)
        {
            var line = await Within.Deadline(_reader.ReadLineAsync());
            if (line is not "true" && line?.EndsWith(",\"link\"]", StringComparison.Ordinal) != true)
            {
                return line;
            }
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _client.Dispose();
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Tests.Flic;

/// <summary>A bridge by hand, for one node.</summary>
internal sealed class RawBridge : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<byte> _input = [];
    private Socket? _node;

    public RawBridge() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Accepts the node and acknowledges its name, as an original.</summary>
    public async Task AcceptAsync()
    {
        _node = await Within.Deadline(_listener.AcceptSocketAsync());
        while (true)
        {
            var frame = JObject.Parse(await ReadAsync());
            if ((string?)frame["method"] == "IDENT")
            {
                await SendAsync($$"""{"id":"1","method":"ACK","data":["{{frame["id"]}}",[null]]}""");
                return;
            }
        }
    }

    /// <summary>Passes the next TELL of a node to itself back to it.</summary>
    public async Task EchoAsync()
    {
        while (true)
        {
            var frame = JObject.Parse(await ReadAsync());
            if ((string?)frame["data"]?[0] == (string?)frame["nodeName"])
            {
                var passed = new JArray(frame["nodeName"]!, frame["id"]!, frame["data"]![1]!, frame["data"]![2]!);
                await SendAsync($$"""{"id":"2","method":"TELL","data":{{passed.ToString(Newtonsoft.Json.Formatting.None)}}}""");
                return;
            }
        }
    }

    /// <summary>Sends one frame.</summary>
    public Task SendAsync(string frame) => Within.Deadline(_node!.SendAsync(Encoding.UTF8.GetBytes(frame + '\0')));

    /// <summary>The next frame, without its delimiter.</summary>
    public async Task<string> ReadAsync()
    {
        var chunk = new byte[4096];
        int end;
        while ((end = _input.IndexOf(0)) < 0)
        {
            var count = await Within.Deadline(_node!.ReceiveAsync(chunk));
            Assert.NotEqual(0, count);
            _input.AddRange(chunk.AsSpan(0, count));
        }

        var frame = Encoding.UTF8.GetString([.. _input.Take(end)]);
        _input.RemoveRange(0, end + 1);
        return frame;
    }

    public void Dispose()
    {
        _node?.Dispose();
        _listener.Dispose();
    }
}

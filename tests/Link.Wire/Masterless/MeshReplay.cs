using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Link.Abstractions;
using Link.Masterless;
using Link.Streams.Endpoints;
using Link.Testing;
using Link.Wire.Support;

namespace Link.Wire.Masterless;

/// <summary>
/// Link in place of one side of a recorded scenario: the other sides write what they wrote, this one is told what its user did, and everything it writes must be
/// what was recorded. Ids, ports and random priorities are those of the recording.
/// </summary>
internal sealed class MeshReplay : IMeshEvents, IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly MeshFormat _format;
    private readonly string _side;
    private readonly Func<byte[], IEnumerable<byte[]>> _cut;
    private readonly Mesh _mesh;
    private readonly ConcurrentDictionary<string, MeshLink> _links = new();
    private readonly ConcurrentQueue<string> _messages = new();
    private readonly Dictionary<int, (TcpPeer Peer, string Key)> _connections = [];
    private readonly Dictionary<int, List<RecordedLine>> _pending = [];
    private readonly HashSet<int> _wanted = [];
    private readonly HashSet<int> _confirmed = [];
    private readonly List<IDisposable> _listeners = [];
    private readonly List<string> _expected = [];

    /// <param name="format">Which recording.</param>
    /// <param name="side">For whom Link stands.</param>
    /// <param name="lines">The scenario.</param>
    /// <param name="cut">How what the others write is cut into pieces.</param>
    public MeshReplay(MeshFormat format, string side, IReadOnlyList<RecordedLine> lines, Func<byte[], IEnumerable<byte[]>> cut)
    {
        _format = format;
        _side = side;
        _cut = cut;
        var priorities = new Queue<double>(
            lines.Where(line => line.From == side && line.To is not null && line.Bytes.Length > 0)
                .Select(line => MeshRecording.RandomPriority(MeshRecording.Json(format, line.Bytes))).OfType<double>());
        _mesh = new Mesh(
            MeshRecording.Ids[side],
            new MeshOptions
            {
                Format = format,
                AnnouncedPort = MeshRecording.Ports[side],
                DeadPeerTimeout = Timeout.InfiniteTimeSpan,
                TimeProvider = _time,
                NewPriority = priorities.Dequeue,
            },
            this);
    }

    public async Task RunAsync(IEnumerable<RecordedLine> lines)
    {
        await Within.Deadline(_mesh.ListenAsync(Endpoint.Parse("tcp://127.0.0.1:0"), CancellationToken.None));
        foreach (var line in lines)
        {
            if (line.To is null)
            {
                await ReportedAsync(line);
            }
            else if (line.Event == "connect")
            {
                await ConnectedAsync(line);
            }
            else if (_connections.TryGetValue(line.Connection, out var connection) && (line.From == _side || line.To == _side))
            {
                await HappenedAsync(line, connection.Peer, connection.Key);
            }
        }
    }

    public void OnConnected(MeshLink link)
    {
        _links[link.Peer.Endpoint] = link;
        _ = ReadAsync(link);
    }

    public void OnForgotten(string id)
    {
    }

    public void OnFault(LinkException fault)
    {
    }

    public async ValueTask DisposeAsync()
    {
        var disposal = _mesh.DisposeAsync().AsTask();
        await Within.Until(() =>
        {
            // Closing waits for acknowledgements by the clock.
            _time.Advance(TimeSpan.FromMilliseconds(1));
            return disposal.IsCompleted;
        });
        await disposal;
        foreach (var (peer, _) in _connections.Values)
        {
            peer.Dispose();
        }

        _listeners.ForEach(listener => listener.Dispose());
    }

    /// <summary>What the user of the original was told comes to the user of Link as well.</summary>
    private async Task ReportedAsync(RecordedLine line)
    {
        if (line.From != _side || line.Event != "message")
        {
            return;
        }

        foreach (var connection in _connections.Keys)
        {
            await DeliverAsync(connection);
        }

        _expected.Add(JsonNode.Parse(line.Value!)![1]?.ToJsonString() ?? "null");
        await Within.Until(() => _messages.Count >= _expected.Count);
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(_expected[^1]), JsonNode.Parse(_messages.ElementAt(_expected.Count - 1))),
            $"{line}: {_messages.ElementAt(_expected.Count - 1)} instead of {_expected[^1]}");
    }

    private async Task ConnectedAsync(RecordedLine line)
    {
        if (line.From == _side)
        {
            // It may dial because another connection has ended.
            foreach (var chosen in _confirmed)
            {
                await DeliverAsync(chosen);
            }

            // A place of its own for each, so that Link dials them side by side, as the original did.
            var listener = TcpPeer.Listen();
            _listeners.Add(listener);
            var endpoint = Endpoint.Network(EndpointKind.Tcp, "127.0.0.1", TcpPeer.PortOf(listener));
            _ = _mesh.ConnectAsync(endpoint, null, keeps: true, CancellationToken.None).ContinueWith(static dial => dial.Exception, TaskScheduler.Default);
            _connections[line.Connection] = (await TcpPeer.AcceptAsync(listener), endpoint.ToString());
        }
        else if (line.To == _side)
        {
            var peer = await TcpPeer.DialAsync(_mesh.Listening!.Port);
            _connections[line.Connection] = (peer, peer.Address);
        }

        _confirmed.Remove(line.Connection);
        _wanted.Remove(line.Connection);
        _pending[line.Connection] = [];
    }

    private async Task HappenedAsync(RecordedLine line, TcpPeer peer, string key)
    {
        if (line.To == _side)
        {
            _pending[line.Connection].Add(line);
        }
        else
        {
            await DeliverAsync(line.Connection);
            await ExpectAsync(line, peer, key);
        }

        if (line.Bytes.AsSpan().IndexOf("priority"u8) >= 0)
        {
            _wanted.Add(line.Connection);
        }

        // A confirm before the priority chooses nothing.
        if (line.Bytes.AsSpan().IndexOf("confirm"u8) >= 0 && _wanted.Contains(line.Connection))
        {
            _confirmed.Add(line.Connection);
        }
    }

    private async Task ExpectAsync(RecordedLine line, TcpPeer peer, string key)
    {
        if (line.Event is "fin" or "socket-error")
        {
            await EndAsync(line, key);
            Assert.Empty(await peer.ReadToEndAsync());
        }
        else if (line.Bytes.Length > 0)
        {
            if (_confirmed.Contains(line.Connection))
            {
                await WriteAsync(MeshRecording.Json(_format, line.Bytes), key);
            }

            Assert.Equal(Convert.ToHexString(line.Bytes), Convert.ToHexString(await peer.ReadAsync(line.Bytes.Length)));
        }
    }

    /// <summary>
    /// What the others wrote arrives when something follows from it: the recording says when it was written, and connections do not wait for each other.
    /// </summary>
    private async Task DeliverAsync(int connection)
    {
        foreach (var line in _pending[connection])
        {
            foreach (var piece in _cut(line.Bytes))
            {
                await _connections[connection].Peer.WriteAsync(piece);
            }

            if (line.Event == "fin")
            {
                _connections[connection].Peer.EndWriting();
                await WhenGoneAsync(connection, _connections[connection].Key);
            }
        }

        _pending[connection].Clear();
    }

    private async Task WhenGoneAsync(int connection, string key)
    {
        if (_confirmed.Contains(connection))
        {
            await Within.Until(() => _links.ContainsKey(key));
        }

        if (_links.TryGetValue(key, out var link))
        {
            await Within.Until(() => link.Handshake.Stage == Stage.Closed);
        }
    }

    /// <summary>The user ends a connection that was chosen; time ends a handshake that was not.</summary>
    private async Task EndAsync(RecordedLine line, string key)
    {
        if (_confirmed.Contains(line.Connection))
        {
            await Within.Until(() => _links.ContainsKey(key));
            _ = _links[key].DisposeAsync().AsTask();
        }
        else if (line.Scenario.Contains("timeout", StringComparison.Ordinal))
        {
            _time.Advance(TimeSpan.FromSeconds(5));
        }
    }

    private async Task WriteAsync(string json, string key)
    {
        await Within.Until(() => _links.ContainsKey(key));
        var link = _links[key];
        switch (json)
        {
            case "true" or """{"$masterless":{"heartbeat":true}}""":
                _time.Advance(Tick);
                break;
            case "[true]" or """{"$masterless":{"keep":true}}""":
                link.WriteKeep(keeps: true, countsAsSend: true);
                break;
            case "[false]" or """{"$masterless":{"keep":false}}""":
                link.WriteKeep(keeps: false, countsAsSend: true);
                break;
            default:
                link.Write(Encoding.UTF8.GetBytes(json), static (output, packet) => output.Write(packet));
                break;
        }
    }

    private async Task ReadAsync(MeshLink link)
    {
        try
        {
            do
            {
                while (link.TryRead(out var json))
                {
                    if (!Abstractions.Json.JsonText.IsValid(json.Span))
                    {
                        throw link.Malformed("no JSON");
                    }

                    _messages.Enqueue(Encoding.UTF8.GetString(json.Span));
                }
            }
            while (await link.FillAsync());
        }
        catch (Exception exception) when (exception is LinkException or JsonException)
        {
            // The recording says what the peer sees of it.
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Link.Abstractions;
using Link.Flic;
using Link.Testing;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Link.Wire.Flic;

/// <summary>
/// A node of Link in the place of a recorded one: it does what that one did, to a bridge that writes what the recorded bridge wrote. Ids are those of the
/// recording on this side, and its own on the wire.
/// </summary>
internal sealed class ReplayedNode : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Dictionary<string, string> _ids = [];
    private readonly Dictionary<string, Task<FlicArguments>> _told = [];
    private readonly ConcurrentDictionary<string, string[]> _answers = new();
    private readonly StringBuilder _received = new();
    private readonly FlicNode _node;
    private readonly Task _connecting;
    private Socket? _socket;
    private Task _leaving = Task.CompletedTask;

    public ReplayedNode(string name)
    {
        _listener.Start();
        _node = new FlicNode(new FlicNodeOptions { Port = ((IPEndPoint)_listener.LocalEndpoint).Port, TellTimeout = Timeout.InfiniteTimeSpan }, name);
        _node.Closed += (_, e) => Heard.Add($"closed {e.Parting}");
        _node.Disconnected += (_, _) => Heard.CompleteAdding();
        _connecting = _node.ConnectAsync();
    }

    /// <summary>The events that came, in order.</summary>
    public BlockingCollection<string> Heard { get; } = [];

    /// <summary>Has the node answer every event of that name as the recorded one did; one called boom throws.</summary>
    public void Listen(string name) => _node.On(name, async message =>
    {
        Heard.Add($"{name} {message.Arguments}");
        if (name == "boom")
        {
            throw new InvalidOperationException(name);
        }

        foreach (var answer in message.Sender is not null && _answers.TryGetValue(message.Arguments + name, out var answers) ? answers : [])
        {
            await message.AcknowledgeAsync(Arguments(JArray.Parse(answer)));
        }
    });

    /// <summary>What to answer an event with those arguments.</summary>
    public void Answer(string name, string arguments, string[] answers) => _answers[arguments + name] = answers;

    /// <summary>Does what the recorded node did when it wrote this frame, and reads what comes of it.</summary>
    /// <returns>What was written, with the ids of the recording.</returns>
    public async Task<string> ActAsync(JObject recorded)
    {
        var (data, method) = ((JArray)recorded["data"]!, (string)recorded["method"]!);
        if (method != "IDENT")
        {
            await Within.Deadline(_connecting);
        }

        switch (method)
        {
            case "IDENT":
                _socket = await Within.Deadline(_listener.AcceptSocketAsync());
                _socket.NoDelay = true;
                Assert.Contains("\"LINK\"", await ReadAsync(), StringComparison.Ordinal);
                break;
            case "TELL":
                _told[(string)recorded["id"]!] = _node.TellAsync($"{data[0]}:{data[1]}", Arguments((JArray)data[2]));
                break;
            case "SHOUT":
                await Within.Deadline(_node.ShoutAsync((string)data[0]!, Arguments([.. data.Skip(1)])));
                break;
            case "LEAVE":
                _leaving = _node.LeaveAsync();
                break;
        }

        var written = await ReadAsync();
        var id = (string)JObject.Parse(written)["id"]!;
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id);
        _ids.Add((string)recorded["id"]!, id);
        return _ids.Aggregate(written, (text, ids) => text.Replace(ids.Value, ids.Key, StringComparison.Ordinal));
    }

    /// <summary>Writes what the recorded bridge wrote, in pieces.</summary>
    public async Task FeedAsync(byte[] bytes, Func<byte[], IEnumerable<byte[]>> cut)
    {
        var text = Encoding.UTF8.GetString(bytes);
        foreach (var (recorded, own) in _ids)
        {
            text = text.Replace(recorded, own, StringComparison.Ordinal);
        }

        foreach (var piece in cut(Encoding.UTF8.GetBytes(text)))
        {
            await Within.Deadline(_socket!.SendAsync(piece));
        }
    }

    /// <summary>What became of something told: its answer, the code of its error, or the error of Link.</summary>
    public async Task<string> ResultAsync(string id)
    {
        try
        {
            return (await Within.Deadline(_told[id])).ToString();
        }
        catch (FlicException exception)
        {
            return exception.Error.ToString(Formatting.None);
        }
        catch (LinkException exception)
        {
            return exception.Error.ToString();
        }
    }

    /// <summary>The next frame of the node, without its end.</summary>
    public async Task<string> ReadAsync()
    {
        var chunk = new byte[65536];
        int end;
        while ((end = _received.ToString().IndexOf('\0', StringComparison.Ordinal)) < 0)
        {
            var count = await Within.Deadline(_socket!.ReceiveAsync(chunk));
            Assert.NotEqual(0, count);
            _received.Append(Encoding.UTF8.GetString(chunk, 0, count));
        }

        var frame = _received.ToString(0, end);
        _received.Remove(0, end + 1);
        return frame;
    }

    /// <summary>Waits for the connection, and for the leave if there was one; then ends it from the side of the bridge.</summary>
    public async Task EndAsync()
    {
        await Within.Deadline(_connecting);
        await Within.Deadline(_leaving);
        _socket!.Close();
        if (_leaving == Task.CompletedTask)
        {
            await Within.Until(() => Heard.IsAddingCompleted);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        _listener.Dispose();
        await Within.Deadline(_node.DisposeAsync());
        await Task.WhenAll(_told.Values).ContinueWith(static told => _ = told.Exception, TaskScheduler.Default);
        Heard.Dispose();
    }

    private static object?[] Arguments(JArray items) => [.. items.Select(item => (object?)Payload.FromJson(item.ToString(Formatting.None)))];
}

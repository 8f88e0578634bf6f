using System.Text;
using Link.Flic;
using Link.Streams.Endpoints;
using Link.Testing;
using Link.Wire.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Link.Wire.Flic;

/// <summary>What is inside of a bridge, on streams of the test's own.</summary>
internal sealed class ReplayedBridge : IAsyncDisposable
{
    private readonly FlicBridgeOptions _options;
    private readonly BridgeEvents _events = new(_ => { }, NullLogger.Instance);
    private readonly Switchboard _switchboard;
    private readonly Dictionary<int, (BridgeStream Stream, Task Running)> _connections = [];

    public ReplayedBridge(bool compatible)
    {
        _options = new FlicBridgeOptions { CompatibleSenders = compatible };
        _switchboard = new Switchboard(_options, _events);
    }

    /// <summary>Gives bytes to a connection, which is made for its first; the task ends when the bridge has dealt with them.</summary>
    public Task FeedAsync(int connection, byte[]?[] pieces)
    {
        if (!_connections.TryGetValue(connection, out var found))
        {
            var stream = new BridgeStream();
            var node = new BridgeNode(new PeerStream(stream, Connections.PeerOf(dialled: false)), _options);
            found = _connections[connection] = (stream, Task.Run(() => RunAsync(node)));
        }

        return Within.Deadline(found.Stream.FeedAsync(pieces));
    }

    /// <summary>The next frame that the bridge has written on a connection; null when it has closed it.</summary>
    public async Task<string?> ReadAsync(int connection)
    {
        var frames = _connections[connection].Stream.Frames;
        return await Within.Deadline(frames.WaitToReadAsync()) && frames.TryRead(out var frame) ? frame : null;
    }

    /// <summary>As FlicBridge does.</summary>
    public void Close(JArray parting) => _switchboard.Close(Encoding.UTF8.GetBytes(parting.ToString(Formatting.None)[1..^1]));

    /// <summary>Everything that was written has been read.</summary>
    public void AssertNothingElseWasWritten() =>
        Assert.All(_connections.Values, each => Assert.False(each.Stream.Frames.TryRead(out var frame), frame));

    public async ValueTask DisposeAsync()
    {
        foreach (var (stream, running) in _connections.Values)
        {
            await stream.DisposeAsync();
            await Within.Deadline(running);
        }

        _events.Complete();
    }

    private async Task RunAsync(BridgeNode node)
    {
        _switchboard.End(node, await new BridgeReader(node, _switchboard).RunAsync());
        await node.CloseAsync();
    }
}

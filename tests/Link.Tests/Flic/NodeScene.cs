using System.Collections.Concurrent;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>A bridge and nodes on it, gone with the test.</summary>
internal sealed class NodeScene : IAsyncDisposable
{
    private readonly ConcurrentStack<FlicNode> _nodes = new();

    private NodeScene(FlicBridge bridge, int port)
    {
        Bridge = bridge;
        Port = port;
    }

    public FlicBridge Bridge { get; private set; }

    public int Port { get; }

    public static async Task<NodeScene> StartAsync()
    {
        var bridge = new FlicBridge(new FlicBridgeOptions { Port = 0 });
        var endpoint = await Within.Deadline(bridge.StartAsync());
        return new NodeScene(bridge, endpoint.Port);
    }

    /// <summary>A node that is not connected yet.</summary>
    public FlicNode Make(string? id = null, Func<FlicNodeOptions, FlicNodeOptions>? change = null)
    {
        var options = new FlicNodeOptions { Port = Port };
        var node = new FlicNode(change?.Invoke(options) ?? options, id);
        _nodes.Push(node);
        return node;
    }

    public async Task<FlicNode> ConnectAsync(string? id = null, Func<FlicNodeOptions, FlicNodeOptions>? change = null)
    {
        var node = Make(id, change);
        await Within.Deadline(node.ConnectAsync());
        return node;
    }

    /// <summary>Another bridge in the same place.</summary>
    public async Task RestartAsync()
    {
        await Within.Deadline(Bridge.DisposeAsync());
        Bridge = new FlicBridge(new FlicBridgeOptions { Port = Port });
        await Within.Deadline(Bridge.StartAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await Within.Deadline(node.DisposeAsync());
        }

        await Within.Deadline(Bridge.DisposeAsync());
    }
}

using System.Collections.Concurrent;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

/// <summary>Nodes on free ports of 127.0.0.1, closed when a test ends.</summary>
internal sealed class MeshScene(MeshFormat format = MeshFormat.Json) : IAsyncDisposable
{
    private readonly ConcurrentBag<WatchedNode> _nodes = [];

    public MeshOptions Options { get; } = new() { Format = format };

    /// <summary>A node that listens.</summary>
    public async Task<WatchedNode> StartAsync(string id, Func<MeshOptions, MeshOptions>? change = null)
    {
        var node = Make(id, change);
        await Within.Deadline(node.Node.StartAsync());
        return node;
    }

    /// <summary>A node that does not listen yet.</summary>
    public WatchedNode Make(string id, Func<MeshOptions, MeshOptions>? change = null)
    {
        var node = new WatchedNode(id, change?.Invoke(Options) ?? Options);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Two nodes; the right one has connected with the left one, and both have said so.</summary>
    public async Task<(WatchedNode Left, WatchedNode Right)> ConnectAsync(bool keep = true, Func<MeshOptions, MeshOptions>? change = null)
    {
        var left = await StartAsync("left", change);
        var right = await StartAsync("right", change);
        await Within.Deadline(right.Node.ConnectAsync(left.Info, keep));
        await right.NextAsync<MeshConnectedEventArgs>();
        await left.NextAsync<MeshConnectedEventArgs>();
        return (left, right);
    }

    public async ValueTask DisposeAsync() => await Within.Deadline(Task.WhenAll(_nodes.Select(node => node.Node.DisposeAsync().AsTask())));
}

using System.Collections.Concurrent;
using System.Threading.Channels;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

/// <summary>Nodes on free ports of 127.0.0.1, closed when a test ends.</summary>
internal sealed class MeshScene(MeshOptions? options = null) : IAsyncDisposable
{
    private readonly ConcurrentBag<Watched> _nodes = [];

    public MeshOptions Options { get; } = options ?? new MeshOptions();

    public async Task<Watched> StartAsync(string id, MeshOptions? options = null)
    {
        var node = new Watched(id, options ?? Options);
        _nodes.Add(node);
        await Within.Deadline(node.Node.StartAsync());
        return node;
    }

    public async ValueTask DisposeAsync() =>
        await Within.Deadline(Task.WhenAll(_nodes.Select(node => node.Node.DisposeAsync().AsTask())));
}

/// <summary>A node, and everything it has said, in order.</summary>
internal sealed class Watched
{
    private readonly Channel<object> _events = Channel.CreateUnbounded<object>();

    public Watched(string id, MeshOptions options)
    {
        Node = new MeshNode(id, options);
        Node.Connected += (_, e) => _events.Writer.TryWrite(e);
        Node.Disconnected += (_, e) => _events.Writer.TryWrite(e);
        Node.Error += (_, e) => _events.Writer.TryWrite(e);
        Node.OnMessage(message => { _events.Writer.TryWrite(message); });
    }

    public MeshNode Node { get; }

    public string Info => Node.Info!;

    /// <summary>The next thing, which must be of that kind.</summary>
    public async Task<T> NextAsync<T>() => Assert.IsType<T>(await Within.Deadline(_events.Reader.ReadAsync()));

    /// <summary>Nothing has been said that has not been asked for.</summary>
    public void AssertQuiet() => Assert.False(_events.Reader.TryPeek(out var left), $"{left}");
}

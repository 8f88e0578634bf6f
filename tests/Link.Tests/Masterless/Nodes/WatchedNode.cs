using System.Threading.Channels;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

/// <summary>A node, and everything it says, in order.</summary>
internal sealed class WatchedNode
{
    private readonly Channel<object> _said = Channel.CreateUnbounded<object>();

    public WatchedNode(string id, MeshOptions options)
    {
        Node = new MeshNode(id, options);
        Node.Connected += (_, e) => _said.Writer.TryWrite(e);
        Node.Disconnected += (_, e) => _said.Writer.TryWrite(e);
        Node.Error += (_, e) => _said.Writer.TryWrite(e);
        Node.OnMessage(message => { _said.Writer.TryWrite(message); });
    }

    public MeshNode Node { get; }

    public string Info => Node.Info!;

    /// <summary>The next thing it says, which must be of that kind.</summary>
    public async Task<T> NextAsync<T>() => Assert.IsType<T>(await NextAsync());

    /// <summary>The next thing it says.</summary>
    public Task<object> NextAsync() => Within.Deadline(_said.Reader.ReadAsync());

    /// <summary>Whether it has said something that nobody has asked for yet.</summary>
    public bool HasMore => _said.Reader.TryPeek(out _);
}

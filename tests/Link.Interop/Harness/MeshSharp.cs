using Link.Abstractions;
using Link.Masterless;
using Newtonsoft.Json;

namespace Link.Interop.Harness;

/// <summary>A node of Link, and all that happens to it.</summary>
internal sealed class MeshSharp : IAsyncDisposable
{
    private MeshSharp(MeshNode node)
    {
        Node = node;
        node.Connected += (_, e) => Connected.Add((e.Id, e.Info));
        node.Disconnected += (_, e) => Disconnected.Add((e.Id, e.Error));
    }

    public MeshNode Node { get; }

    public string Id => Node.Id;

    /// <summary>Where it listens.</summary>
    public string Info => Node.Info!;

    /// <summary>Whom it got a connection with, and where they listen.</summary>
    public Seen<(string Id, string Info)> Connected { get; } = new();

    /// <summary>Whom it lost.</summary>
    public Seen<(string Id, LinkException? Error)> Disconnected { get; } = new();

    /// <summary>The packets that came, with their senders; unless the test reacts in its own way.</summary>
    public Seen<string> Messages { get; } = new();

    /// <summary>Makes one, and waits until it listens.</summary>
    public static async Task<MeshSharp> StartAsync(string id, MeshOptions options, Func<MeshSharp, Func<MeshMessage, Task>>? react = null)
    {
        var sharp = new MeshSharp(new MeshNode(id, options));
        sharp.Node.OnMessage(react?.Invoke(sharp) ?? (message =>
        {
            sharp.Messages.Add($"{message.Sender} {message.Data.ToString(Formatting.None)}");
            return Task.CompletedTask;
        }));
        await sharp.Node.StartAsync();
        return sharp;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Node.DisposeAsync();
}

using System.Collections.Concurrent;
using System.Threading.Channels;
using Link.NodeIpc.Events;
using Link.Testing;

namespace Link.Tests.NodeIpc.Events;

/// <summary>A directory of its own, and what a test makes in it; all is disposed with the test.</summary>
public abstract class IpcTest : IAsyncLifetime
{
    private readonly ConcurrentStack<IAsyncDisposable> _made = new();

    private protected SocketDirectory Directory { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        while (_made.TryPop(out var made))
        {
            await Within.Deadline(made.DisposeAsync());
        }

        Directory.Dispose();
    }

    private protected Ipc Make(string id, Func<IpcOptions, IpcOptions>? change = null)
    {
        var options = new IpcOptions { Id = id, SocketRoot = Directory.Path, Retry = TimeSpan.FromMilliseconds(5) };
        var ipc = new Ipc(change?.Invoke(options) ?? options);
        _made.Push(ipc);
        return ipc;
    }

    private protected T Keep<T>(T made)
        where T : IAsyncDisposable
    {
        _made.Push(made);
        return made;
    }

    /// <summary>A server, and a client that is connected to it.</summary>
    private protected async Task<(Ipc Server, IpcClient Client)> MakePairAsync(Func<IpcOptions, IpcOptions>? change = null)
    {
        var server = Make("world", change);
        await Within.Deadline(server.ServeAsync());
        var client = await Within.Deadline(Make("hello", change).ConnectToAsync("world"));

        // The client is connected before the server has taken it from its queue.
        await Within.Until(() => server.Server.Sockets.Count == 1);
        return (server, client);
    }
}

/// <summary>What handlers saw, in order, to be waited for.</summary>
internal sealed class Seen
{
    private readonly Channel<string> _entries = Channel.CreateUnbounded<string>();

    public void Add(string entry) => _entries.Writer.TryWrite(entry);

    public Task<string> NextAsync() => Within.Deadline(_entries.Reader.ReadAsync());

    public async Task<string[]> NextAsync(int count)
    {
        var entries = new string[count];
        for (var index = 0; index < count; index++)
        {
            entries[index] = await NextAsync();
        }

        return entries;
    }
}

using Link.Abstractions;
using Link.InMemory;
using Link.Testing;

namespace Link.Tests.Support;

/// <summary>A test with servers on a network of its own inside the process; they are disposed at its end.</summary>
public abstract class ServerTest : IAsyncLifetime
{
    private readonly InMemoryNetwork _network = new();
    private readonly Stack<Server> _servers = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        while (_servers.TryPop(out var server))
        {
            await Within.Deadline(server.DisposeAsync());
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Options for a server on the network of the test. One transport serves one server.</summary>
    private protected ServerOptions Options(InMemoryOptions? bounds = null) => new()
    {
        Transport = new InMemoryTransport(_network, bounds),
        AllowMultiple = true,
        DrainTimeout = TimeSpan.Zero,
    };

    private protected Server Create(string name, ServerOptions? options = null)
    {
        var server = new Server(name, options ?? Options());
        _servers.Push(server);
        return server;
    }

    private protected async Task<Server> StartAsync(string name, Func<Message, Task>? handler = null, ServerOptions? options = null)
    {
        var server = Create(name, options);
        if (handler is not null)
        {
            server.OnMessage(handler);
        }

        await Within.Deadline(server.StartAsync());
        return server;
    }

    /// <summary>A server named <c>peer</c> that says what data it got, and one named <c>caller</c> that is not started.</summary>
    private protected async Task<Server> CallerOfEchoAsync(ServerOptions? options = null)
    {
        await StartAsync("peer", Echo);
        return Create("caller", options);
    }

    private protected static Task Echo(Message message) => message.ReplyAsync(new { data = message.Data, from = message.SentBy });

    private protected static async Task<LinkException> FailsAsync(LinkError error, RequestFate fate, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(call()));
        Assert.Equal((error, fate), (exception.Error, exception.Fate));
        return exception;
    }
}

using Link.Abstractions;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>A bridge, and servers and transports that meet there; all are gone at the end of the test.</summary>
public abstract class TransportScene : IAsyncLifetime
{
    private readonly Stack<IAsyncDisposable> _owned = new();

    private protected FlicBridge Bridge { get; private set; } = new(new FlicBridgeOptions { Port = 0 });

    /// <summary>Where the bridge is.</summary>
    private protected FlicNodeOptions Node { get; private set; } = new();

    public async Task InitializeAsync() => Node = new FlicNodeOptions { Port = (await Within.Deadline(Bridge.StartAsync())).Port };

    public async Task DisposeAsync()
    {
        while (_owned.TryPop(out var owned))
        {
            await Within.Deadline(owned.DisposeAsync());
        }

        await Within.Deadline(Bridge.DisposeAsync());
        GC.SuppressFinalize(this);
    }

    private protected T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Push(owned);
        return owned;
    }

    /// <summary>A transport that is not bound.</summary>
    private protected FlicTransport Create(FlicNodeOptions? node = null) => Own(new FlicTransport(node ?? Node));

    /// <summary>A transport with a name.</summary>
    private protected async Task<FlicTransport> BindAsync(string name, FlicNodeOptions? node = null)
    {
        var transport = Create(node);
        await Within.Deadline(transport.BindAsync(name));
        return transport;
    }

    private protected Server Make(string name, FlicNodeOptions? node = null, Func<ServerOptions, ServerOptions>? adjust = null)
    {
        var options = new ServerOptions { Transport = new FlicTransport(node ?? Node), AllowMultiple = true, DrainTimeout = TimeSpan.Zero };
        return Own(new Server(name, adjust?.Invoke(options) ?? options));
    }

    /// <summary>A started server.</summary>
    private protected async Task<Server> StartAsync(string name, Func<Message, Task>? handler = null, FlicNodeOptions? node = null)
    {
        var server = Make(name, node);
        if (handler is not null)
        {
            server.OnMessage(handler);
        }

        await Within.Deadline(server.StartAsync());
        return server;
    }

    /// <summary>A node that is no Link, as far as anybody can tell.</summary>
    private protected Task<BridgeClient> JoinAsync(string name) => BridgeClient.JoinAsync(Bridge, name);

    private protected static Task Echo(Message message) => message.ReplyAsync(new { data = message.Data, from = message.SentBy });

    private protected static async Task<LinkException> FailsAsync(LinkError error, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(call()));
        Assert.Equal(error, exception.Error);
        return exception;
    }

    private protected static async Task<IConnection> AcceptAsync(FlicTransport transport)
    {
        var connection = await Within.Deadline(transport.AcceptAsync());
        Assert.NotNull(connection);
        return connection;
    }
}

using System.Globalization;
using Link.Abstractions;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Transport;

/// <summary>Servers and transports of one mesh, and peers by hand; all are gone at the end of the test.</summary>
public abstract class MeshScene : IAsyncLifetime
{
    private readonly Stack<object> _owned = new();

    /// <summary>Where each name of the test is: a port of its own.</summary>
    private protected EndpointTable Table { get; } =
        new(name => name.StartsWith("no-", StringComparison.Ordinal) || name.Contains("://", StringComparison.Ordinal) ? null : string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{FreePorts.Next()}"));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        while (_owned.TryPop(out var owned))
        {
            if (owned is IAsyncDisposable asynchronous)
            {
                await Within.Deadline(asynchronous.DisposeAsync());
            }
            else
            {
                ((IDisposable)owned).Dispose();
            }
        }

        GC.SuppressFinalize(this);
    }

    private protected T Own<T>(T owned)
        where T : class
    {
        _owned.Push(owned);
        return owned;
    }

    /// <summary>Options with which nothing comes unasked for.</summary>
    private protected MeshOptions Quiet => new() { Peers = Table, HeartbeatInterval = TimeSpan.FromHours(1), DeadPeerTimeout = Timeout.InfiniteTimeSpan };

    /// <summary>A transport that is not bound.</summary>
    private protected MeshTransport Create(MeshOptions? options = null) => Own(new MeshTransport(options ?? Quiet));

    /// <summary>A transport with a name.</summary>
    private protected async Task<MeshTransport> BindAsync(string name, MeshOptions? options = null)
    {
        var transport = Create(options);
        await Within.Deadline(transport.BindAsync(name));
        return transport;
    }

    private protected Server Make(string name, MeshOptions? options = null, Func<ServerOptions, ServerOptions>? adjust = null)
    {
        var made = new ServerOptions { Transport = new MeshTransport(options ?? Quiet), AllowMultiple = true, DrainTimeout = TimeSpan.Zero };
        return Own(new Server(name, adjust?.Invoke(made) ?? made));
    }

    /// <summary>A started server.</summary>
    private protected async Task<Server> StartAsync(
        string name, Func<Message, Task>? handler = null, MeshOptions? options = null, Func<ServerOptions, ServerOptions>? adjust = null)
    {
        var server = Make(name, options, adjust);
        if (handler is not null)
        {
            server.OnMessage(handler);
        }

        await Within.Deadline(server.StartAsync());
        return server;
    }

    /// <summary>A plain node by hand that has connected to a name.</summary>
    private protected async Task<MeshPeer> JoinAsync(string name, string id) => Own(await MeshPeer.DialAsync(Table[name], id));

    /// <summary>A plain node by hand that listens at the place of a name.</summary>
    private protected MeshHost Listen(string name) => Own(new MeshHost(Table[name]));

    private protected static Task Echo(Message message) => message.ReplyAsync(new { data = message.Data, from = message.SentBy, peer = message.Peer.Name });

    private protected static async Task<LinkException> FailsAsync(LinkError error, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(call()));
        Assert.Equal(error, exception.Error);
        return exception;
    }

    private protected static async Task<IConnection> AcceptAsync(ITransport transport)
    {
        var connection = await Within.Deadline(transport.AcceptAsync());
        Assert.NotNull(connection);
        return connection;
    }
}

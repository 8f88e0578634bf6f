using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>A directory of sockets with servers and hand-written peers in it; disposal ends all of them.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly List<IDisposable> _sockets = [];
    private readonly List<Server> _servers = [];

    public SocketDirectory Directory { get; } = new();

    public ServerOptions Options => new()
    {
        SocketRoot = Directory.Path,
        AllowMultiple = true,
        DrainTimeout = TimeSpan.FromSeconds(1),
    };

    public string PathOf(string name) => Directory.File("app." + name);

    public Server Create(string name, Func<ServerOptions, ServerOptions>? change = null)
    {
        var server = new Server(name, change is null ? Options : change(Options));
        _servers.Add(server);
        return server;
    }

    /// <summary>Starts a server that replies with the data it gets, as <c>echo</c>.</summary>
    public Task<Server> StartEchoAsync(string name, Func<ServerOptions, ServerOptions>? change = null) =>
        StartAsync(name, message => message.ReplyAsync(new { echo = message.Data }), change);

    public async Task<Server> StartAsync(string name, Func<Message, Task> handler, Func<ServerOptions, ServerOptions>? change = null)
    {
        var server = Create(name, change);
        server.OnMessage(handler);
        await Within.Deadline(server.StartAsync());
        return server;
    }

    public Task<Server> StartAsync(string name, Action<Message> handler, Func<ServerOptions, ServerOptions>? change = null) =>
        StartAsync(
            name,
            message =>
            {
                handler(message);
                return Task.CompletedTask;
            },
            change);

    public async Task<RawPeer> DialAsync(string name)
    {
        var peer = await RawPeer.DialAsync(PathOf(name));
        _sockets.Add(peer);
        return peer;
    }

    public RawListener Listen(string name)
    {
        var listener = new RawListener(PathOf(name));
        _sockets.Add(listener);
        return listener;
    }

    /// <summary>A hand-written peer that the server has dialled.</summary>
    public async Task<RawPeer> DialledByAsync(Server server, string name)
    {
        var listener = Listen(name);
        var connecting = server.ConnectToAsync(name);
        var peer = await listener.AcceptAsync();
        _sockets.Add(peer);
        await Within.Deadline(connecting);
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }

        await Within.Deadline(Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask())));
        Directory.Dispose();
    }
}

using Link.Testing;

namespace Link.Interop.Harness;

/// <summary>One C# server and one Node process with a directory of their own for their sockets.</summary>
internal sealed class Meeting : IAsyncDisposable
{
    /// <summary>The name of the C# server.</summary>
    public const string Sharp = "sharp";

    /// <summary>The name of the Node peer.</summary>
    public const string Node = "node";

    private readonly SocketDirectory _directory = new();

    private Meeting(Func<ServerOptions, ServerOptions>? options)
    {
        var defaults = new ServerOptions { SocketRoot = _directory.Path, AllowMultiple = true };
        Server = new Server(Sharp, options is null ? defaults : options(defaults));
    }

    /// <summary>The C# side.</summary>
    public Server Server { get; }

    /// <summary>The Node process.</summary>
    public NodeProcess Process { get; private set; } = null!;

    /// <summary>The directory of the sockets.</summary>
    public string SocketRoot => _directory.Path;

    /// <summary>Starts the Node process; neither side listens yet.</summary>
    public static async Task<Meeting> StartAsync(Func<ServerOptions, ServerOptions>? options = null)
    {
        var meeting = new Meeting(options);
        try
        {
            meeting.Process = await NodeProcess.StartAsync();
            return meeting;
        }
        catch
        {
            await meeting.DisposeAsync();
            throw;
        }
    }

    /// <summary>A meeting whose C# side listens and replies <c>{echo: data}</c> to every request.</summary>
    public static async Task<Meeting> WithEchoingServerAsync(Func<ServerOptions, ServerOptions>? options = null)
    {
        var meeting = await StartAsync(options);
        meeting.Server.OnMessage(message => message.ReplyAsync(new { echo = message.Data }));
        await meeting.Server.StartAsync();
        return meeting;
    }

    /// <summary>An ipc-link peer in the Node process. Without a rule it replies <c>{echo: data}</c> to every request.</summary>
    public async Task<NodePeer> AddPeerAsync(string name = Node, object? rule = null)
    {
        await Process.CallAsync("link", new
        {
            peer = name,
            name,
            socketRoot = _directory.Path,
            appspace = "app.",
            rule = rule ?? new { kind = "echo" },
        });
        return new NodePeer(Process, name);
    }

    /// <summary>An ipc-link peer in the Node process that listens.</summary>
    public async Task<NodePeer> AddServingPeerAsync(string name = Node, object? rule = null)
    {
        var peer = await AddPeerAsync(name, rule);
        await peer.ServeAsync();
        return peer;
    }

    /// <summary>A plain node-ipc program in the Node process.</summary>
    public async Task<PlainNodePeer> AddPlainPeerAsync(string name = Node)
    {
        await Process.CallAsync("plain", new { peer = name, name, socketRoot = _directory.Path, appspace = "app." });
        return new PlainNodePeer(Process, name);
    }

    /// <summary>Passes when the Node process still takes commands: nothing that was written to it has killed it.</summary>
    public async Task NodeIsAliveAsync() => Assert.Equal("pong", await Process.CallAsync("ping", new { }));

    /// <summary>Another Node process in the place of one that died.</summary>
    public async Task ReplaceNodeAsync()
    {
        await Process.DisposeAsync();
        Process = await NodeProcess.StartAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        _directory.Dispose();
    }
}

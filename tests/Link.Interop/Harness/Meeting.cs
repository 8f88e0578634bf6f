using Link.NodeIpc;
using Link.Streams.Tls;

namespace Link.Interop.Harness;

/// <summary>One C# server and one Node process, and what connects them.</summary>
internal sealed class Meeting : IAsyncDisposable
{
    /// <summary>The name of the C# server.</summary>
    public const string Sharp = "sharp";

    /// <summary>The name of the Node peer.</summary>
    public const string Node = "node";

    private readonly Func<ServerOptions> _makeOptions;

    private Meeting(Over over, Func<ServerOptions, ServerOptions>? options, Func<TlsOptions, TlsOptions>? sharpTls)
    {
        Roads = new Roads(over);
        _makeOptions = () =>
        {
            var defaults = new ServerOptions { SocketRoot = SocketRoot, AllowMultiple = true };
            if (over != Over.Unix)
            {
                defaults = defaults with { Transport = new NodeIpcTransport(Roads.SharpOptions(sharpTls)) };
            }

            return options is null ? defaults : options(defaults);
        };
        Server = MakeServer();
    }

    /// <summary>The C# side.</summary>
    public Server Server { get; }

    /// <summary>The Node process.</summary>
    public NodeProcess Process { get; private set; } = null!;

    /// <summary>What connects them.</summary>
    public Roads Roads { get; }

    /// <summary>The directory of the sockets.</summary>
    public string SocketRoot => Roads.SocketRoot;

    /// <summary>Starts the Node process; neither side listens yet.</summary>
    public static async Task<Meeting> StartAsync(
        Func<ServerOptions, ServerOptions>? options = null, Over over = Over.Unix, Func<TlsOptions, TlsOptions>? sharpTls = null)
    {
        var meeting = new Meeting(over, options, sharpTls);
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
    public static async Task<Meeting> WithEchoingServerAsync(Func<ServerOptions, ServerOptions>? options = null, Over over = Over.Unix)
    {
        var meeting = await StartAsync(options, over);
        meeting.Server.OnMessage(message => message.ReplyAsync(new { echo = message.Data }));
        await meeting.Server.StartAsync();
        return meeting;
    }

    /// <summary>An ipc-link peer in the Node process. Without a rule it replies <c>{echo: data}</c> to every request.</summary>
    public async Task<NodePeer> AddPeerAsync(string name = Node, object? rule = null, object? tls = null, string version = NodeModules.PinnedVersion)
    {
        await AddAsync("link", name, version, tls, rule ?? new { kind = "echo" });
        return new NodePeer(Process, name);
    }

    /// <summary>An ipc-link peer in the Node process that listens.</summary>
    public async Task<NodePeer> AddServingPeerAsync(string name = Node, object? rule = null, object? tls = null, string version = NodeModules.PinnedVersion)
    {
        var peer = await AddPeerAsync(name, rule, tls, version);
        await peer.ServeAsync();
        return peer;
    }

    /// <summary>A plain node-ipc program in the Node process.</summary>
    public async Task<PlainNodePeer> AddPlainPeerAsync(string name = Node, object? tls = null, string version = NodeModules.PinnedVersion)
    {
        await AddAsync("plain", name, version, tls);
        return new PlainNodePeer(Process, name);
    }

    /// <summary>Another C# server with the same name and options, for when the first one is gone. The caller disposes it.</summary>
    public Server MakeServer() => new(Sharp, _makeOptions());

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

        Roads.Dispose();
    }

    private Task AddAsync(string kind, string name, string version, object? tls = null, object? rule = null) => Process.CallAsync(kind, new
    {
        peer = name,
        name,
        version,
        rule,
        socketRoot = SocketRoot,
        endpoints = Roads.EndpointsOf(name, Sharp, Node),
        config = new { tls = tls ?? Roads.NodeTls() },
    });
}

using Link.NodeIpc.Events;
using Link.Streams.Endpoints;

namespace Link.Interop.Harness;

/// <summary>C# programs and one Node process that use node-ipc's own API, and what connects them.</summary>
internal sealed class EventMeeting : IAsyncDisposable
{
    /// <summary>The id of the C# side.</summary>
    public const string Sharp = "sharp";

    /// <summary>The id of the Node side.</summary>
    public const string Node = "node";

    private readonly Over _over;
    private readonly Roads _roads;
    private readonly string _version;
    private readonly Func<IpcOptions, IpcOptions>? _options;
    private readonly List<Ipc> _made = [];

    private EventMeeting(Over over, string version, Func<IpcOptions, IpcOptions>? options)
    {
        _over = over;
        _roads = new Roads(over);
        _version = version;
        _options = options;
        Ipc = Make();
    }

    /// <summary>The C# side.</summary>
    public Ipc Ipc { get; }

    /// <summary>The Node process.</summary>
    public NodeProcess Process { get; private set; } = null!;

    /// <summary>Starts the Node process; neither side serves yet.</summary>
    public static async Task<EventMeeting> StartAsync(
        Over over = Over.Unix, Func<IpcOptions, IpcOptions>? options = null, string version = NodeModules.PinnedVersion)
    {
        var meeting = new EventMeeting(over, version, options);
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

    /// <summary>Another C# program with the same options, of the same or another id.</summary>
    public Ipc Make(string id = Sharp)
    {
        var options = new IpcOptions { Id = id, SocketRoot = _roads.SocketRoot, Tls = _roads.SharpTls, Retry = TimeSpan.FromMilliseconds(50) };
        var ipc = new Ipc(_options is null ? options : _options(options));
        _made.Add(ipc);
        return ipc;
    }

    /// <summary>Lets a C# program serve under its id.</summary>
    public Task ServeAsync(Ipc ipc)
    {
        var (host, port) = PlaceOf(ipc.Options.Id);
        return _over switch
        {
            Over.Unix => ipc.ServeAsync(),
            Over.Udp4 => ipc.ServeNetAsync(UdpVersion.Udp4, host, port),
            Over.Udp6 => ipc.ServeNetAsync(UdpVersion.Udp6, host, port),
            _ => ipc.ServeNetAsync(host, port),
        };
    }

    /// <summary>Lets a C# program connect to the server of an id.</summary>
    public Task<IpcClient> ConnectAsync(Ipc ipc, string id = Node)
    {
        var (host, port) = PlaceOf(id);
        return _over == Over.Unix ? ipc.ConnectToAsync(id) : ipc.ConnectToNetAsync(id, host, port);
    }

    /// <summary>What a C# program that serves UDP sends to the server of an id by.</summary>
    public Task<IpcSocket> ToAsync(Ipc ipc, string id = Node)
    {
        var (host, port) = PlaceOf(id);
        return ipc.Server.ToAsync(_over == Over.Udp4 ? UdpVersion.Udp4 : UdpVersion.Udp6, host, port);
    }

    /// <summary>Where the server of an id is.</summary>
    public (string Host, int Port) PlaceOf(string id)
    {
        if (!_roads.EndpointsOf(id).TryGetValue(id, out var text))
        {
            return ("", 0);
        }

        var endpoint = Endpoint.Parse(text);
        return (endpoint.Address, endpoint.Port);
    }

    /// <summary>A node-ipc program in the Node process.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="reactions">What it does when something happens, by the names in event-peer.js.</param>
    /// <param name="config">What goes into its configuration.</param>
    public async Task<EventNodePeer> AddAsync(string id = Node, object? reactions = null, Dictionary<string, object>? config = null)
    {
        await Process.CallAsync("events", new
        {
            peer = id,
            name = id,
            version = _version,
            reactions,
            socketRoot = _roads.SocketRoot,
            endpoints = _roads.EndpointsOf(id, Sharp, Node),
            config = new Dictionary<string, object>(config ?? []) { ["tls"] = _roads.NodeTls() },
        });
        return new EventNodePeer(Process, id);
    }

    /// <summary>A node-ipc program in the Node process that serves.</summary>
    public async Task<EventNodePeer> AddServingAsync(string id = Node, object? reactions = null, Dictionary<string, object>? config = null)
    {
        var peer = await AddAsync(id, reactions, config);
        await peer.ServeAsync();
        return peer;
    }

    /// <summary>Another Node process in the place of the one that is there, which is killed.</summary>
    public async Task ReplaceNodeAsync()
    {
        await Process.DisposeAsync();
        Process = await NodeProcess.StartAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var ipc in _made)
        {
            await ipc.DisposeAsync();
        }

        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        _roads.Dispose();
    }
}

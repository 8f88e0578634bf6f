using Link.Flic;
using Newtonsoft.Json.Linq;

namespace Link.Interop.Harness;

/// <summary>Which program a part of a meeting is.</summary>
public enum Side
{
    /// <summary>Link's.</summary>
    Sharp,

    /// <summary>npm's.</summary>
    Script,
}

/// <summary>A bridge, of Link or of npm in a process of its own, and nodes of both; those of npm share another process.</summary>
internal sealed class FlicMeeting : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _made = [];
    private NodeProcess? _process;

    private FlicMeeting()
    {
    }

    /// <summary>Link's bridge, if it is that.</summary>
    public FlicBridge? SharpBridge { get; private set; }

    /// <summary>npm's bridge, if it is that.</summary>
    public FlicBridgePeer? ScriptBridge { get; private set; }

    /// <summary>Link's bridge in a process of its own, if it is that.</summary>
    public SharpBridgeProcess? SharpProcess { get; private set; }

    /// <summary>Where the bridge listens.</summary>
    public int Port { get; private set; }

    /// <summary>Starts the bridge.</summary>
    public static async Task<FlicMeeting> StartAsync(Side bridge, Func<FlicBridgeOptions, FlicBridgeOptions>? options = null)
    {
        var meeting = new FlicMeeting();
        try
        {
            await meeting.StartBridgeAsync(bridge, options);
            return meeting;
        }
        catch
        {
            await meeting.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a bridge of Link or of npm in a process that can be killed.</summary>
    public static async Task<FlicMeeting> StartApartAsync(Side bridge)
    {
        if (bridge == Side.Script)
        {
            return await StartAsync(bridge);
        }

        var meeting = new FlicMeeting();
        meeting.SharpProcess = meeting.Keep(await SharpBridgeProcess.StartAsync());
        meeting.Port = meeting.SharpProcess.Port;
        return meeting;
    }

    /// <summary>Kills the bridge the hard way.</summary>
    public Task KillBridgeAsync() => SharpProcess?.KillAsync() ?? ScriptBridge!.KillAsync();

    /// <summary>What connects a node of Link to the bridge.</summary>
    public FlicNodeOptions Options() => new() { Port = Port };

    /// <summary>A node of Link that is not connected yet.</summary>
    public FlicNode Make(string? id = "sharp", FlicNodeOptions? options = null) => Keep(new FlicNode(options ?? Options(), id));

    /// <summary>A node of Link.</summary>
    public async Task<FlicNode> AddSharpAsync(string? id = "sharp", Func<FlicNodeOptions, FlicNodeOptions>? options = null)
    {
        var node = Make(id, options?.Invoke(Options()));
        await node.ConnectAsync();
        return node;
    }

    /// <summary>A node of npm.</summary>
    /// <param name="id">Its name; null for none.</param>
    /// <param name="reactions">What it does with events, by the names in flic-peer.js.</param>
    /// <param name="early">What it tells before it is connected.</param>
    /// <param name="answer">What the reaction "give" gives.</param>
    public async Task<FlicNodePeer> AddScriptAsync(string? id = "script", object? reactions = null, object? early = null, object? answer = null)
    {
        _process ??= Keep(await NodeProcess.StartAsync());
        var options = JObject.FromObject(new { port = Port, reactions = reactions ?? new { }, early = early ?? Array.Empty<object>(), answer });
        if (id is not null)
        {
            options["id"] = id;
        }

        return await FlicNodePeer.ConnectAsync(_process, $"node {_made.Count} {Guid.NewGuid()}", options);
    }

    /// <summary>Kills the process of the nodes of npm the hard way.</summary>
    public async Task KillScriptsAsync()
    {
        await _process!.KillAsync();
        _process = null;
    }

    /// <summary>Keeps something until the meeting ends; the last kept ends first.</summary>
    public T Keep<T>(T made)
        where T : IAsyncDisposable
    {
        _made.Add(made);
        return made;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var made in Enumerable.Reverse(_made))
        {
            await made.DisposeAsync();
        }
    }

    private async Task StartBridgeAsync(Side bridge, Func<FlicBridgeOptions, FlicBridgeOptions>? options)
    {
        if (bridge == Side.Script)
        {
            ScriptBridge = Keep(await FlicBridgePeer.StartAsync());
            Port = ScriptBridge.Port;
            return;
        }

        var chosen = new FlicBridgeOptions { Port = 0 };
        SharpBridge = Keep(new FlicBridge(options is null ? chosen : options(chosen)));
        Port = (await SharpBridge.StartAsync()).Port;
    }
}

using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Link.Interop.Harness;

/// <summary>A node of masterless, or of its twin with MessagePack, in a Node process: see mesh-peer.js.</summary>
internal sealed class MeshPeer
{
    private readonly NodeProcess _process;
    private readonly string _key;

    private MeshPeer(NodeProcess process, string key, string id)
    {
        _process = process;
        _key = key;
        Id = id;
    }

    public string Id { get; private set; }

    /// <summary>Where it listens.</summary>
    public string Info { get; private set; } = "";

    /// <summary>Makes one, and waits until it listens.</summary>
    /// <param name="process">Where.</param>
    /// <param name="options">Its kind, id, port, host, greeting and reaction.</param>
    public static async Task<MeshPeer> StartAsync(NodeProcess process, JObject options)
    {
        var peer = new MeshPeer(process, $"mesh {Guid.NewGuid()}", (string)options["id"]!);
        options["peer"] = peer._key;
        peer.Info = (string)(await process.CallAsync("meshNode", options))!;
        return peer;
    }

    /// <summary>Ends it and begins again where it was, perhaps as another.</summary>
    public Task RestartAsync(string? id = null)
    {
        Id = id ?? Id;
        return CallAsync("restart", Id);
    }

    /// <summary>Connects, and gives the id or the text of the error.</summary>
    public async Task<string> ConnectAsync(string info) => (string)(await CallAsync("connect", info))!;

    /// <summary>The same, often at once.</summary>
    public async Task<string[]> ConnectManyAsync(string info, int count) => (await CallAsync("connectMany", info, count))!.ToObject<string[]>()!;

    /// <summary>Wants to keep the node before it connects.</summary>
    public async Task<string> KeepAndConnectAsync(string id, string info) => (string)(await CallAsync("keepAndConnect", id, info))!;

    /// <summary>Calls disconnect.</summary>
    public Task DisconnectAsync(string id) => CallAsync("disconnect", id);

    /// <summary>Calls keep.</summary>
    public Task KeepAsync(string id, bool keep = true) => CallAsync("keep", id, keep);

    /// <summary>Calls isKept.</summary>
    public async Task<bool> IsKeptAsync(string id) => (bool)(await CallAsync("isKept", id))!;

    /// <summary>Calls connections.</summary>
    public async Task<string[]> ConnectionsAsync() => (await CallAsync("connections"))!.ToObject<string[]>()!;

    /// <summary>Calls close, and waits until all connections are gone.</summary>
    public Task CloseAsync() => CallAsync("close");

    /// <summary>Calls send, and gives what it returned.</summary>
    public async Task<bool> SendAsync(string id, object packet) => (bool)(await CallAsync("send", id, packet))!;

    /// <summary>Calls send for several, and gives what it returned.</summary>
    public async Task<int> SendAsync(string[] ids, object packet) => (int)(await CallAsync("send", ids, packet))!;

    /// <summary>Waits until an event came so often, and gives all of them.</summary>
    public async Task<JToken[]> HappenedAsync(string @event, int atLeast = 1) =>
        [.. (await _process.CallAsync("happened", new { peer = _key, @event, atLeast }))!];

    /// <summary>Waits until so many packets came, and gives all of them.</summary>
    public async Task<string[]> MessagesAsync(int atLeast = 1) =>
        [.. (await HappenedAsync("message", atLeast)).Select(each => $"{each["sender"]} {each["packet"]!.ToString(Formatting.None)}")];

    /// <summary>How often an event came so far.</summary>
    public async Task<int> CountAsync(string @event) => (await HappenedAsync(@event, 0)).Length;

    /// <summary>Calls a method of mesh-peer.js.</summary>
    public Task<JToken?> CallAsync(string method, params object?[] args) => _process.CallAsync("mesh", new { peer = _key, method, args });
}

using Newtonsoft.Json.Linq;

namespace Link.Interop.Harness;

/// <summary>A node of flic in a Node process: see flic-peer.js.</summary>
internal sealed class FlicNodePeer(NodeProcess process, string key)
{
    /// <summary>What an argument that is undefined is written as.</summary>
    public static readonly object Undefined = new { value = "undefined" };

    /// <summary>What the connect callback got: null, or an error.</summary>
    public JToken? Connected { get; private set; }

    /// <summary>Makes one, and waits until its connect callback is called.</summary>
    /// <param name="process">Where.</param>
    /// <param name="key">What the test calls it.</param>
    /// <param name="options">Its id, port, reactions, answer, and what it tells early.</param>
    public static async Task<FlicNodePeer> ConnectAsync(NodeProcess process, string key, JObject options)
    {
        options["peer"] = key;
        var node = new FlicNodePeer(process, key);
        node.Connected = await process.CallAsync("flicNode", options);
        return node;
    }

    /// <summary>Tells, and gives all arguments of the answer.</summary>
    public async Task<string> TellAsync(string target, params object?[] args) => Text(await CallAsync("tell", target, args));

    /// <summary>Tells without a callback.</summary>
    public Task TellAndForgetAsync(string target, params object?[] args) => CallAsync("tellAndForget", target, args);

    /// <summary>Tells that many numbers, some at a time, and gives how many came back.</summary>
    public async Task<int> TellManyAsync(string target, int count, int together) => (int)(await CallAsync("tellMany", target, count, together))!;

    /// <summary>Shouts.</summary>
    public Task ShoutAsync(string @event, params object?[] args) => CallAsync("shout", @event, args);

    /// <summary>Leaves, and waits until the connection is closed.</summary>
    public Task LeaveAsync(bool force = false) => CallAsync("leave", force);

    /// <summary>Waits until so many different numbers have come with a counted event.</summary>
    public async Task<int> CountedAsync(string @event, int atLeast) => (int)(await CallAsync("countedTo", @event, atLeast))!;

    /// <summary>Waits until an event of that name came so often, and gives the arguments of each.</summary>
    public async Task<string[]> HappenedAsync(string @event, int atLeast = 1) =>
        [.. ((JArray)(await process.CallAsync("happened", new { peer = key, @event, atLeast }))!).Select(each => Text(each["args"]))];

    /// <summary>The names of everything that came, in order.</summary>
    public async Task<string[]> EverythingAsync(int atLeast = 0) =>
        [.. ((JArray)(await process.CallAsync("received", new { peer = key, atLeast }))!).Select(each => (string)each["event"]!)];

    private static string Text(JToken? token) => token!.ToString(Newtonsoft.Json.Formatting.None);

    private Task<JToken?> CallAsync(string method, params object?[] args) => process.CallAsync("flic", new { peer = key, method, args });
}

using Newtonsoft.Json.Linq;

namespace Link.Interop.Harness;

/// <summary>An ipc-link peer in a Node process: what it does on the wire is in link-peer.js.</summary>
internal sealed class NodePeer(NodeProcess process, string key)
{
    /// <summary>Listens on its name.</summary>
    public Task ServeAsync() => CallAsync("serve", new { peer = key });

    /// <summary>Stops listening; connections stay.</summary>
    public Task StopAsync() => CallAsync("stop", new { peer = key });

    /// <summary>Connects without sending.</summary>
    public Task ConnectAsync(string to) => CallAsync("connect", new { peer = key, to });

    /// <summary>Closes its connection to a peer and stops trying.</summary>
    public Task DisconnectAsync(string to) => CallAsync("disconnect", new { peer = key, to });

    /// <summary>Sends a request and waits for its outcome.</summary>
    public async Task<Outcome> SendAsync(string to, object data) =>
        Outcome.Of(await CallAsync("send", new { peer = key, to, data }));

    /// <summary>Sends all at once, and gives the outcomes in the same order.</summary>
    public async Task<Outcome[]> SendTogetherAsync(string to, params object[] items) =>
        [.. (await CallAsync("sendTogether", new { peer = key, to, items }))!.Select(Outcome.Of)];

    /// <summary>Sends <c>{n}</c> for every n below the count, all at once, and counts the replies <c>{success: true, echo: {n}}</c> that fit.</summary>
    public async Task<JToken> SendManyAsync(string to, int count) => (await CallAsync("sendMany", new { peer = key, to, count }))!;

    /// <summary>Sends, and gives the UTF-16 code units of the reply's member <c>text</c> as JavaScript sees them.</summary>
    public async Task<int[]> SendForCodesAsync(string to, object data) =>
        [.. (await CallAsync("sendForCodes", new { peer = key, to, data }))!.Select(code => (int)code)];

    /// <summary>Sends, and gives what JavaScript reads of the rejection.</summary>
    public async Task<JToken> SendForErrorAsync(string to, object data) => (await CallAsync("sendForError", new { peer = key, to, data }))!;

    /// <summary>Waits until so many requests came in, and gives them all.</summary>
    public async Task<JArray> ReceivedAsync(int atLeast) => (JArray)(await CallAsync("received", new { peer = key, atLeast }))!;

    /// <summary>Waits until so many errors of its sockets came, and gives them all as <c>{code, message}</c>.</summary>
    public async Task<JArray> ErrorsAsync(int atLeast) => (JArray)(await CallAsync("errors", new { peer = key, atLeast }))!;

    private Task<JToken?> CallAsync(string command, object arguments) => process.CallAsync(command, arguments);
}

/// <summary>How a promise of the Node peer ended.</summary>
/// <param name="IsResolved">Resolved or rejected.</param>
/// <param name="Value">What with.</param>
internal sealed record Outcome(bool IsResolved, JToken Value)
{
    /// <summary>Reads what main.js tells.</summary>
    public static Outcome Of(JToken? told) => new((bool)told!["resolved"]!, told["value"]!);
}

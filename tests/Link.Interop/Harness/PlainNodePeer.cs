using Newtonsoft.Json.Linq;

namespace Link.Interop.Harness;

/// <summary>A program in a Node process that uses node-ipc and knows nothing of ipc-link: see plain-peer.js.</summary>
internal sealed class PlainNodePeer(NodeProcess process, string key)
{
    /// <summary>A frame written through node-ipc.</summary>
    public static object Frame(string type, object? data) => new { type, data };

    /// <summary>A frame written as it stands, with the delimiter behind it.</summary>
    public static object Text(string text) => new { text };

    /// <summary>Listens on its name and answers every message with the frames; <c>$ID</c> in them is the request's id as JSON.</summary>
    public Task ServeAsync(params object[] answers) => process.CallAsync("serve", new { peer = key, answers });

    /// <summary>Connects to a server.</summary>
    public Task ConnectAsync(string to) => process.CallAsync("connect", new { peer = key, to });

    /// <summary>Writes frames to a server.</summary>
    public Task WriteAsync(string to, params object[] frames) => process.CallAsync("write", new { peer = key, to, frames });

    /// <summary>Waits until so many frames of type <c>message</c> came in, and gives the data of them all.</summary>
    public async Task<JArray> ReceivedAsync(int atLeast) => (JArray)(await process.CallAsync("received", new { peer = key, atLeast }))!;

    /// <summary>Waits until so many errors of its sockets came, and gives them all as <c>{code, message}</c>.</summary>
    public async Task<JArray> ErrorsAsync(int atLeast) => (JArray)(await process.CallAsync("errors", new { peer = key, atLeast }))!;

    /// <summary>Waits until so many of its connections ended.</summary>
    public Task DisconnectedAsync(int atLeast) => process.CallAsync("endings", new { peer = key, atLeast });
}

using Newtonsoft.Json.Linq;

namespace Link.Interop.Harness;

/// <summary>A program in a Node process that uses node-ipc as its documents show: see event-peer.js.</summary>
internal sealed class EventNodePeer(NodeProcess process, string key)
{
    /// <summary>Listens on its name.</summary>
    public Task ServeAsync() => process.CallAsync("serve", new { peer = key });

    /// <summary>Begins to connect to a server.</summary>
    public Task ConnectAsync(string to = EventMeeting.Sharp) => process.CallAsync("connect", new { peer = key, to });

    /// <summary>Disconnects from a server for good.</summary>
    public Task DisconnectAsync(string to = EventMeeting.Sharp) => process.CallAsync("disconnect", new { peer = key, to });

    /// <summary>Emits to a server, one message after the other: <c>{type, data}</c>, <c>{type, value}</c>, or in raw mode <c>{hex}</c> or <c>{text}</c>.</summary>
    public Task EmitAsync(params object[] messages) => process.CallAsync("emit", new { peer = key, to = EventMeeting.Sharp, messages });

    /// <summary>The same to another peer than the C# one.</summary>
    public Task EmitToAsync(string to, params object[] messages) => process.CallAsync("emit", new { peer = key, to, messages });

    /// <summary>Broadcasts from its server.</summary>
    public Task BroadcastAsync(string type, object? data) => process.CallAsync("broadcast", new { peer = key, type, data });

    /// <summary>Waits until an event of that name happened so often, and gives all of that name.</summary>
    public async Task<JArray> HappenedAsync(string @event, int atLeast = 1) =>
        (JArray)(await process.CallAsync("happened", new { peer = key, @event, atLeast }))!;

    /// <summary>Waits until so many bytes came in raw mode, and gives them all.</summary>
    public async Task<byte[]> BytesAsync(int atLeast)
    {
        byte[] bytes = [];
        for (var chunks = 0; bytes.Length < atLeast;)
        {
            var happened = await HappenedAsync("data", chunks + 1);
            chunks = happened.Count;
            bytes = [.. happened.SelectMany(each => Convert.FromHexString((string)each["bytes"]!))];
        }

        return bytes;
    }

    /// <summary>The names of everything that has happened, in order.</summary>
    public async Task<string[]> EverythingAsync(int atLeast = 0) =>
        [.. ((JArray)(await process.CallAsync("received", new { peer = key, atLeast }))!).Select(each => (string)each["event"]!)];
}

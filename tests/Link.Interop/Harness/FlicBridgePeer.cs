using Newtonsoft.Json.Linq;

namespace Link.Interop.Harness;

/// <summary>A bridge of flic in a Node process of its own: see flic-peer.js.</summary>
internal sealed class FlicBridgePeer : IAsyncDisposable
{
    private const string Key = "bridge";

    private readonly NodeProcess _process;

    private FlicBridgePeer(NodeProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Starts one.</summary>
    public static async Task<FlicBridgePeer> StartAsync()
    {
        var process = await NodeProcess.StartAsync();
        try
        {
            return new FlicBridgePeer(process, (int)(await process.CallAsync("flicBridge", new { peer = Key }))!);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes it with parting data.</summary>
    public Task CloseAsync(JToken parting) => _process.CallAsync("flic", new { peer = Key, method = "close", args = new[] { parting } });

    /// <summary>Kills it the hard way.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

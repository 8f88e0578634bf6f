using Link.Benchmarks.Floor;
using Link.Flic;

namespace Link.Benchmarks;

/// <summary>The process in the middle: a bridge of flic, and what it is compared with, a relay of bare bytes.</summary>
internal static class RelayProcess
{
    public static async Task RunAsync(string directory)
    {
        await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = 0 });
        var endpoint = await bridge.StartAsync();
        using var floor = new RelayFloorServer(directory);
        floor.Start();
        await RelayPlaces.WriteAsync(directory, new RelayPlaces(endpoint.Port, floor.Port));
        await ChildProcess.ServeUntilEndOfInputAsync();
    }
}

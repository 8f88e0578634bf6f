using Link.Flic;

namespace Link.TestHost;

/// <summary>
/// A bridge in a process of its own. Arguments: <c>flic-bridge</c> and the port, 0 for any. It says on which port it listens; the end of its input
/// ends it.
/// </summary>
internal static class FlicBridgeHost
{
    /// <summary>Runs until the end of the input.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = int.Parse(arguments[1], System.Globalization.CultureInfo.InvariantCulture) });
        var endpoint = await bridge.StartAsync();
        await Console.Out.WriteLineAsync($"{endpoint.Port}");
        await Console.Out.FlushAsync();
        await Console.In.ReadToEndAsync();
        return 0;
    }
}

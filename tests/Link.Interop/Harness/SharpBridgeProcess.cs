using System.Diagnostics;
using System.Globalization;
using Link.TestHost;
using Link.Testing;

namespace Link.Interop.Harness;

/// <summary>A bridge of Link in a process of its own, to be killed.</summary>
internal sealed class SharpBridgeProcess : IAsyncDisposable
{
    private readonly Process _process;

    private SharpBridgeProcess(Process process) => _process = process;

    /// <summary>Where it listens.</summary>
    public int Port { get; private set; }

    /// <summary>Starts one.</summary>
    /// <param name="port">Where it listens; 0 for any port.</param>
    public static async Task<SharpBridgeProcess> StartAsync(int port = 0)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "flic-bridge", $"{port}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            // A process that is killed would leave its diagnostic sockets behind.
            Environment = { ["DOTNET_EnableDiagnostics"] = "0" },
        }) ?? throw new InvalidOperationException("dotnet did not start.");
        var bridge = new SharpBridgeProcess(process);
        try
        {
            bridge.Port = int.Parse((await Within.Deadline(process.StandardOutput.ReadLineAsync()))!, CultureInfo.InvariantCulture);
            return bridge;
        }
        catch
        {
            await bridge.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills it the hard way and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await Within.Deadline(_process.WaitForExitAsync());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}

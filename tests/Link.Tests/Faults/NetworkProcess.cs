using System.Diagnostics;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>A <see cref="TestHost.Program"/> that runs over TCP in a network namespace. Disposal kills it and waits for its end.</summary>
internal sealed class NetworkProcess : IAsyncDisposable
{
    private readonly Process _process;

    private NetworkProcess(Process process) => _process = process;

    public static async Task<NetworkProcess> StartAsync(string space, params string[] arguments)
    {
        // ip becomes the program: the process that is killed is the server itself.
        var start = new ProcessStartInfo("ip", ["netns", "exec", space, Dotnet, "exec", typeof(TestHost.Program).Assembly.Location, "network", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        // A process that is killed would leave its diagnostic sockets behind.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var process = new NetworkProcess(Process.Start(start)!);
        try
        {
            Assert.Equal("ready", await process.ReadLineAsync());
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public async Task TellAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line).WaitAsync(Within.Default);
        await _process.StandardInput.FlushAsync().WaitAsync(Within.Default);
    }

    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync().WaitAsync(Within.Default);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Within.Default);
        _process.Dispose();
    }

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");
}

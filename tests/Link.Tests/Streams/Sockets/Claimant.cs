using System.Diagnostics;

namespace Link.Tests.Streams.Sockets;

/// <summary>A running <see cref="ClaimantProgram"/>. Disposal kills it, as kill -9 does, and waits for its end.</summary>
internal sealed class Claimant : IAsyncDisposable
{
    private readonly Process _process;

    private Claimant(Process process) => _process = process;

    public int ProcessId => _process.Id;

    public static async Task<Claimant> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(DotnetHost)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(ClaimantProgram).Assembly.Location);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var claimant = new Claimant(Process.Start(start)!);
        try
        {
            Assert.Equal("ready", await claimant.ReadLineAsync());
            return claimant;
        }
        catch
        {
            await claimant.DisposeAsync();
            throw;
        }
    }

    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(Claims.Deadline);

    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line).WaitAsync(Claims.Deadline);
        await _process.StandardInput.FlushAsync().WaitAsync(Claims.Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Claims.Deadline);
        _process.Dispose();
    }

    private static string DotnetHost =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");
}

using System.Diagnostics;
using System.Globalization;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

/// <summary>A <see cref="TestHost.Program"/> that runs nodes of a mesh. Disposal kills it, as kill -9 does, and waits for its end.</summary>
internal sealed class MeshProcess : IAsyncDisposable
{
    private static readonly TimeSpan Longest = 3 * Within.Default;

    private readonly Process _process;

    private MeshProcess(Process process, string[] infos) => (_process, Infos) = (process, infos);

    /// <summary>Where its nodes listen.</summary>
    public IReadOnlyList<string> Infos { get; }

    /// <summary>How many sockets it has.</summary>
    public int Sockets => Directory.GetFiles($"/proc/{_process.Id}/fd").Count(file => File.ResolveLinkTarget(file, false)?.Name.StartsWith("socket:", StringComparison.Ordinal) ?? false);

    /// <summary>How many threads it has.</summary>
    public int Threads => Directory.GetDirectories($"/proc/{_process.Id}/task").Length;

    /// <summary>Starts nodes in a process of their own.</summary>
    /// <param name="prefix">How their ids begin, before their number.</param>
    /// <param name="count">How many.</param>
    public static async Task<MeshProcess> StartAsync(string prefix, int count)
    {
        var start = new ProcessStartInfo(Dotnet, ["exec", typeof(TestHost.Program).Assembly.Location, "mesh", prefix, count.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        // A process that is killed would leave its diagnostic sockets behind.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var process = Process.Start(start)!;
        try
        {
            var line = await Within.Deadline(process.StandardOutput.ReadLineAsync(), Longest);
            return new MeshProcess(process, line!.Split(' '));
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Has it do something, and gives what it answers.</summary>
    public async Task<string?> DoAsync(string command)
    {
        await Within.Deadline(_process.StandardInput.WriteLineAsync(command));
        await Within.Deadline(_process.StandardInput.FlushAsync());
        return await Within.Deadline(_process.StandardOutput.ReadLineAsync(), Longest);
    }

    public Task FreezeAsync() => ProcessFreeze.FreezeAsync(_process.Id);

    public void Thaw() => ProcessFreeze.Thaw(_process.Id);

    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await Within.Deadline(_process.WaitForExitAsync());
        _process.Dispose();
    }

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");
}

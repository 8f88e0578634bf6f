using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>A running <see cref="TestHost.Program"/>. Disposal kills it, as kill -9 does, and waits for its end.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class HostProcess : IAsyncDisposable
{
    public const uint Nobody = 65534;

    private readonly Process _process;

    private HostProcess(Process process) => _process = process;

    public int ProcessId => _process.Id;

    public static bool CanBecomeNobody => Environment.IsPrivilegedProcess;

    /// <summary>Starts a server of this name in a process of its own.</summary>
    /// <param name="bench">Where its socket is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="asNobody">Whether it runs as another user; the bench then opens its directory to everybody.</param>
    /// <param name="trusted">The user ids it trusts.</param>
    public static async Task<HostProcess> StartAsync(Bench bench, string name, bool asNobody = false, params uint[] trusted)
    {
        var start = new ProcessStartInfo(asNobody ? "setpriv" : DotnetHost)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        // A process that is killed would leave its diagnostic sockets behind.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        string[] disguise = asNobody ? [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", DotnetHost] : [];
        var program = asNobody ? CopyFor(bench) : typeof(TestHost.Program).Assembly.Location;
        string[] arguments = [.. disguise, "exec", program, bench.Directory.Path, name, .. trusted.Select(id => id.ToString(CultureInfo.InvariantCulture))];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var host = new HostProcess(Process.Start(start)!);
        try
        {
            Assert.Equal("ready", await host.ReadLineAsync());
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets it send a request; gives the outcome.</summary>
    public async Task<string?> SendAsync(string peer)
    {
        await _process.StandardInput.WriteLineAsync(peer).WaitAsync(Within.Default);
        await _process.StandardInput.FlushAsync().WaitAsync(Within.Default);
        return await ReadLineAsync();
    }

    /// <summary>Stops it.</summary>
    public Task FreezeAsync() => ProcessFreeze.FreezeAsync(_process.Id);

    public void Thaw() => ProcessFreeze.Thaw(_process.Id);

    public void Kill() => _process.Kill();

    /// <summary>Ends its input and waits for its end.</summary>
    public async Task<int> EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Within.Default);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Within.Default);
        _process.Dispose();
    }

    private static string DotnetHost =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");

    private Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync().WaitAsync(Within.Default);

    /// <summary>Puts the program where another user can read it: the repository may be in a closed home directory.</summary>
    private static string CopyFor(Bench bench)
    {
        File.SetUnixFileMode(bench.Directory.Path, (UnixFileMode)Convert.ToInt32("777", 8));
        var target = Directory.CreateDirectory(bench.Directory.File("program"), (UnixFileMode)Convert.ToInt32("755", 8)).FullName;
        var program = typeof(TestHost.Program).Assembly.Location;
        var source = Path.GetDirectoryName(program)!;
        var name = Path.GetFileNameWithoutExtension(program);
        foreach (var file in Directory.GetFiles(source, "*.dll").Append(Path.Combine(source, name + ".runtimeconfig.json")))
        {
            var copy = Path.Combine(target, Path.GetFileName(file));
            File.Copy(file, copy, overwrite: true);
            File.SetUnixFileMode(copy, (UnixFileMode)Convert.ToInt32("644", 8));
        }

        return Path.Combine(target, name + ".dll");
    }
}

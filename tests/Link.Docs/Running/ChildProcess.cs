using System.Diagnostics;
using Link.Testing;

namespace Link.Docs.Running;

/// <summary>A child process with lines in and out. Disposal kills it, if it still runs, and waits for its end.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>Starts a .NET program that stands beside the tests.</summary>
    public static ChildProcess Dotnet(string program, params string[] arguments) =>
        Start(Host, ["exec", Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments]);

    /// <summary>Starts a script with the packages of the interoperability tests.</summary>
    public static ChildProcess Node(params string[] arguments) => Start("node", arguments, environment =>
        environment["NODE_PATH"] = Path.Combine(Interop.Harness.NodeModules.Folder, "node_modules"));

    /// <summary>The next line it prints, null at the end.</summary>
    public Task<string?> ReadLineAsync() => Within.Deadline(_process.StandardOutput.ReadLineAsync());

    /// <summary>Types a line.</summary>
    public async Task WriteLineAsync(string line)
    {
        await Within.Deadline(_process.StandardInput.WriteLineAsync(line));
        await Within.Deadline(_process.StandardInput.FlushAsync());
    }

    /// <summary>Waits until it ends, and gives its exit code and what it wrote to stderr.</summary>
    public async Task<(int Code, string Errors)> ExitAsync()
    {
        var errors = await Within.Deadline(_process.StandardError.ReadToEndAsync());
        await Within.Deadline(_process.WaitForExitAsync());
        return (_process.ExitCode, errors);
    }

    /// <summary>Sends it a signal, such as <c>TERM</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{_process.Id}"]);
        await Within.Deadline(kill.WaitForExitAsync());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await Within.Deadline(_process.WaitForExitAsync());
        _process.Dispose();
    }

    private static string Host =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");

    private static ChildProcess Start(string program, string[] arguments, Action<IDictionary<string, string?>>? prepare = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        prepare?.Invoke(start.Environment);
        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."));
    }
}

using System.Diagnostics;
using Link.Testing;

namespace Link.Tests.Cli;

/// <summary>The <c>link</c> program in a process of its own. Disposal kills it, if it still runs, and waits for its end.</summary>
internal sealed class LinkProgram : IAsyncDisposable
{
    private readonly Process _process;

    private LinkProgram(Process process) => _process = process;

    /// <summary>The program.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Link.Cli.dll");

    /// <summary>What starts it.</summary>
    public static string DotnetHost =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");

    /// <summary>Starts it; its input stays open.</summary>
    public static LinkProgram Start(params string[] arguments) => StartProcess(DotnetHost, ["exec", Path, .. arguments]);

    /// <summary>Runs it to its end.</summary>
    public static async Task<Ending> RunAsync(params string[] arguments)
    {
        await using var program = Start(arguments);
        return await program.EndAsync();
    }

    /// <summary>Runs a line of bash to its end, in which <c>link</c> is the program.</summary>
    public static async Task<Ending> RunBashAsync(string line)
    {
        await using var bash = StartProcess("bash", ["-c", $"link() {{ '{DotnetHost}' exec '{Path}' \"$@\"; }}\n{line}"]);
        return await bash.EndAsync();
    }

    /// <summary>The next line it prints, null at the end.</summary>
    public Task<string?> ReadLineAsync() => Within.Deadline(_process.StandardOutput.ReadLineAsync());

    /// <summary>Sends it a signal, such as <c>INT</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{_process.Id}"]);
        await Within.Deadline(kill.WaitForExitAsync());
    }

    /// <summary>Reads its output no more.</summary>
    public void CloseOutput() => _process.StandardOutput.Close();

    /// <summary>Ends its input, and waits for its end.</summary>
    /// <param name="input">What it reads before that.</param>
    public async Task<Ending> EndAsync(string input = "")
    {
        await Within.Deadline(_process.StandardInput.WriteAsync(input));
        _process.StandardInput.Close();
        return await ExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<Ending> ExitAsync()
    {
        var output = _process.StandardOutput.ReadToEndAsync();
        var errors = _process.StandardError.ReadToEndAsync();
        await Within.Deadline(_process.WaitForExitAsync());
        return new Ending(_process.ExitCode, (await output).TrimEnd('\n'), (await errors).TrimEnd('\n'));
    }

    /// <summary>Waits for its end, when nobody reads its output.</summary>
    public async Task<int> ExitUnreadAsync()
    {
        await Within.Deadline(_process.WaitForExitAsync());
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await Within.Deadline(_process.WaitForExitAsync());
        _process.Dispose();
    }

    private static LinkProgram StartProcess(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A process that is killed would leave its diagnostic sockets behind.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return new LinkProgram(Process.Start(start)!);
    }
}

/// <summary>How a program ended.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Output">All that it printed and that was not read before.</param>
/// <param name="Errors">All that it printed to stderr.</param>
internal sealed record Ending(int Code, string Output, string Errors);

using System.Diagnostics;

namespace Link.Benchmarks;

/// <summary>
/// A process of this run that talks over its standard input and output, line by line. It ends when its input does, so it goes
/// even when this process is killed; disposal kills it.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const string ReadyLine = "ready";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>Starts a program and waits until it says that it is ready.</summary>
    public static async Task<ChildProcess> StartAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var child = new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."));
        try
        {
            var line = await child.ReadLineAsync(StartTimeout, cancellationToken);
            return line == ReadyLine ? child : throw new InvalidOperationException($"{program} said \"{line}\" instead of being ready.");
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes a line and gives the line that answers it.</summary>
    public async Task<string> AskAsync(string line, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await ReadLineAsync(timeout, cancellationToken);
    }

    /// <summary>Ends the process and waits until it has gone.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(EndTimeout);
        _process.Dispose();
    }

    /// <summary>In a child: says that it is ready, and waits until its parent has gone or wants it gone.</summary>
    public static async Task ServeUntilEndOfInputAsync()
    {
        await Console.Out.WriteLineAsync(ReadyLine);
        await Console.Out.FlushAsync();
        await Console.In.ReadToEndAsync();
    }

    private async Task<string> ReadLineAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(timeout, cancellationToken);
        return line ?? throw new InvalidOperationException($"{_process.StartInfo.FileName} ended unexpectedly.");
    }
}

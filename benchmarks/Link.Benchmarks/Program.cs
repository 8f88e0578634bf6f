using System.Runtime.InteropServices;

namespace Link.Benchmarks;

/// <summary>Measures Link against the bare socket, and on request against the original; see <see cref="Options.Usage"/>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is [ServerProcess.Serve or ServerProcess.Relay, var directory])
        {
            await (arguments[0] == ServerProcess.Serve ? BenchmarkServer.RunAsync(directory) : RelayProcess.RunAsync(directory));

            // The process that made it may have been killed: then nobody else is left to delete it.
            SocketDirectory.Delete(directory);
            return 0;
        }

        if (!Options.TryParse(arguments, out var options, out var problem))
        {
            await Console.Error.WriteLineAsync(problem);
            await Console.Error.WriteLineAsync(Options.Usage);
            return 2;
        }

        if (options.Parts)
        {
            return Parts.PartsRunner.Run(options);
        }

        using var stop = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return await RunAsync(options, stop.Token);

        // What was started is ended on the way out, so the signal must not end this process on the spot.
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<int> RunAsync(Options options, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await Run.MeasureAsync(options, cancellationToken);
            Report.Print(Console.Out, outcome);
            if (options.JsonFile is { } file)
            {
                await File.WriteAllTextAsync(file, JsonReport.Make(outcome), cancellationToken);
            }

            return outcome.Failures.Count == 0 ? 0 : 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return 130;
        }
    }
}

using System.Diagnostics;
using System.Text;
using Link.Testing;

namespace Link.Architecture;

/// <summary>Runs a program in the directory of the solution, as a person at a terminal would.</summary>
internal static class Command
{
    /// <summary>The collection of the classes that run one: builds that share directories do not overlap.</summary>
    public const string OneAtATime = "Commands";

    /// <summary>Far more than building what was not built yet needs on a loaded machine.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>Runs it to its end, without input.</summary>
    /// <returns>The exit code, and all it wrote.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The test runner is a build of its own, whose settings are not meant for others.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        using var process = new Process { StartInfo = start };
        var output = new StringBuilder();
        process.OutputDataReceived += (_, e) => Append(output, e.Data);
        process.ErrorDataReceived += (_, e) => Append(output, e.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await Within.Deadline(process.WaitForExitAsync(), Deadline);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} has not ended. It wrote:{Environment.NewLine}{output}");
        }

        return (process.ExitCode, output.ToString());
    }

    private static void Append(StringBuilder output, string? line)
    {
        if (line is null)
        {
            // The end of one of the two streams: the other may have lines yet.
            return;
        }

        lock (output)
        {
            output.AppendLine(line);
        }
    }
}

using System.Diagnostics;
using Link.Testing;

namespace Link.Docs.Running;

/// <summary>Runs what a page tells to type.</summary>
internal static class Shell
{
    /// <summary>Runs commands in a folder to their end; the first that fails fails the test.</summary>
    public static async Task RunAsync(string folder, string commands)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", commands])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("bash did not start.");
        var output = bash.StandardOutput.ReadToEndAsync();
        var errors = bash.StandardError.ReadToEndAsync();
        await Within.Deadline(bash.WaitForExitAsync());
        Assert.True(bash.ExitCode == 0, await output + await errors);
    }
}

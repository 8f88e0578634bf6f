namespace Link.Benchmarks;

/// <summary>Starts this program again as one of the other processes.</summary>
internal static class ServerProcess
{
    /// <summary>The hidden first argument of the process on the other side; the second one is the directory of the run.</summary>
    public const string Serve = "--serve";

    /// <summary>That of the process in the middle.</summary>
    public const string Relay = "--relay";

    public static Task<ChildProcess> StartAsync(string role, string directory, CancellationToken cancellationToken)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        var isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        string[] arguments = isHost ? [typeof(ServerProcess).Assembly.Location, role, directory] : [role, directory];
        return ChildProcess.StartAsync(program, arguments, cancellationToken);
    }
}

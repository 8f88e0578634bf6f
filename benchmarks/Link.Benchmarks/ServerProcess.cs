namespace Link.Benchmarks;

/// <summary>Starts this program again as the process on the other side.</summary>
internal static class ServerProcess
{
    /// <summary>The hidden first argument of that process; its second one is the directory of the sockets.</summary>
    public const string Argument = "--serve";

    public static Task<ChildProcess> StartAsync(string directory, CancellationToken cancellationToken)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        var isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        string[] arguments = isHost ? [typeof(ServerProcess).Assembly.Location, Argument, directory] : [Argument, directory];
        return ChildProcess.StartAsync(program, arguments, cancellationToken);
    }
}

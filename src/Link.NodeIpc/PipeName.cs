namespace Link.NodeIpc;

/// <summary>What node-ipc makes of a socket path on Windows, which has named pipes in the place of Unix sockets (SPEC.md, "Windows").</summary>
internal static class PipeName
{
    private const string Prefix = @"\\.\pipe\";

    /// <summary>The pipe for a path: <c>/tmp/app.world</c> gives <c>\\.\pipe\tmp-app.world</c>; what is a pipe already stays as it is.</summary>
    public static string Of(string path)
    {
        if (path.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return path;
        }

        var relative = path.StartsWith('/') ? path[1..] : path;
        return Prefix + relative.Replace('/', '-');
    }
}

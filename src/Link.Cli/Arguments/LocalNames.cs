using System.CommandLine;
using Link.Streams.Sockets;

namespace Link.Cli.Arguments;

/// <summary>The options that say where the socket files of this machine are, and the names found there.</summary>
internal sealed class LocalNames
{
    private readonly Option<string> _root = new("--socket-root")
    {
        Description = "The directory of the socket files",
        HelpName = "DIRECTORY",
        DefaultValueFactory = _ => "/tmp/",
    };

    private readonly Option<string> _space = new("--app-space")
    {
        Description = "What stands before a name there",
        HelpName = "PREFIX",
        DefaultValueFactory = _ => "app.",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_root);
        command.Add(_space);
    }

    /// <summary>The directory, with its trailing slash.</summary>
    public string RootOf(ParseResult arguments)
    {
        var root = arguments.GetRequiredValue(_root);
        return root.EndsWith('/') ? root : root + "/";
    }

    /// <summary>What stands before a name.</summary>
    public string SpaceOf(ParseResult arguments) => arguments.GetRequiredValue(_space);

    /// <summary>The names that have a socket file, whether or not somebody listens there, in their order.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public IReadOnlyList<string> In(ParseResult arguments)
    {
        var root = RootOf(arguments);
        var space = SpaceOf(arguments);
        return
        [
            .. Directory.EnumerateFiles(root)
                .Select(path => Path.GetFileName(path)!)
                .Where(file => file.Length > space.Length && file.StartsWith(space, StringComparison.Ordinal) && SocketPath.IsSocket(root + file))
                .Select(file => file[space.Length..])
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The same for completion, which cannot tell of errors.</summary>
    public IEnumerable<string> Suggest(ParseResult arguments)
    {
        try
        {
            return In(arguments);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException or PlatformNotSupportedException)
        {
            return [];
        }
    }
}

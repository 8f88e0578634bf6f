using Link.Streams.Endpoints;
using Link.Streams.Sockets;

namespace Link.NodeIpc;

/// <summary>Knows where a name is: in the table of endpoints, or else the local socket that node-ipc makes of it.</summary>
/// <param name="table">Names and endpoints.</param>
/// <param name="socketRoot">The directory of the socket files.</param>
/// <param name="appSpace">What stands before the name in that directory.</param>
internal sealed class EndpointBook(IReadOnlyDictionary<string, string> table, string socketRoot, string appSpace)
{
    /// <summary>The local endpoint for a path: on Windows a named pipe.</summary>
    public static Endpoint Local(string path) => OperatingSystem.IsWindows() ? Endpoint.Pipe(PipeName.Of(path)) : Endpoint.Unix(path);

    /// <summary>Checks the table as far as it is known.</summary>
    /// <exception cref="ArgumentException">An entry is no endpoint.</exception>
    public void Validate()
    {
        foreach (var (name, text) in table)
        {
            Parse(name, text);
        }
    }

    /// <summary>Where the name is.</summary>
    /// <exception cref="ArgumentException">The name is not in the table, and makes no socket path; or its entry is no endpoint.</exception>
    public Endpoint Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return table.TryGetValue(name, out var text) ? Parse(name, text) : Local(SocketPath.Make(socketRoot, appSpace, name));
    }

    private static Endpoint Parse(string name, string text)
    {
        try
        {
            return Endpoint.Parse(text);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"The endpoint of {name} is wrong: {exception.Message}", exception);
        }
    }
}

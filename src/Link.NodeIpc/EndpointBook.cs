using Link.Streams.Endpoints;
using Link.Streams.Sockets;

namespace Link.NodeIpc;

/// <summary>Knows where a name is: in the table of endpoints, or else the local socket that node-ipc makes of it. Immutable.</summary>
internal sealed class EndpointBook
{
    private readonly Dictionary<string, Endpoint> _table;
    private readonly string _socketRoot;
    private readonly string _appSpace;

    /// <exception cref="ArgumentException">An entry of the table is no endpoint.</exception>
    public EndpointBook(IReadOnlyDictionary<string, string> table, string socketRoot, string appSpace)
    {
        _table = table.ToDictionary(entry => entry.Key, entry => Parse(entry.Key, entry.Value), StringComparer.Ordinal);
        _socketRoot = socketRoot;
        _appSpace = appSpace;
    }

    /// <summary>The local endpoint for a path: on Windows a named pipe.</summary>
    public static Endpoint Local(string path) => OperatingSystem.IsWindows() ? Endpoint.Pipe(PipeName.Of(path)) : Endpoint.Unix(path);

    /// <summary>Where the name is.</summary>
    /// <exception cref="ArgumentException">The name is not in the table, and makes no socket path.</exception>
    public Endpoint Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _table.TryGetValue(name, out var endpoint) ? endpoint : Local(SocketPath.Make(_socketRoot, _appSpace, name));
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

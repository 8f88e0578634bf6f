using System.Net.Sockets;

namespace Link.Tests.Streams.Sockets;

/// <summary>A short, unique directory for the socket files of one test; deleted with all its contents at the end.</summary>
internal sealed class SocketDirectory : IDisposable
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

    public SocketDirectory() => Directory.CreateDirectory(Root);

    public string Root { get; } = $"/tmp/lk-{Random.Shared.GetString(Alphabet, 8)}/";

    /// <summary>The names of everything in the directory, in order.</summary>
    public IReadOnlyList<string> Names => [.. Directory.EnumerateFileSystemEntries(Root).Select(entry => Path.GetFileName(entry)!).Order(StringComparer.Ordinal)];

    public string this[string name] => Root + name;

    /// <summary>Binds and listens as a foreign program would: no lock, and the file stays when the socket is closed.</summary>
    public static Socket ListenAsForeigner(string path, int backlog = 16, SocketType type = SocketType.Stream)
    {
        var socket = new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified);
        socket.Bind(new ForeignEndPoint(path));
        if (type == SocketType.Stream)
        {
            socket.Listen(backlog);
        }

        return socket;
    }

    public static void LeaveStaleFile(string path)
    {
        using var socket = ListenAsForeigner(path);
        ShutDown(socket);
    }

    /// <summary>
    /// Ends a listener at once. Closing alone may come a moment late: a child process that another test is just starting holds a copy of
    /// every socket until it runs its own program.
    /// </summary>
    public static void ShutDown(Socket listener) => listener.Shutdown(SocketShutdown.Both);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    // A socket bound to the platform's own end point type would delete its file when it is closed.
    private sealed class ForeignEndPoint(string path) : System.Net.EndPoint
    {
        private readonly UnixDomainSocketEndPoint _address = new(path);

        public override AddressFamily AddressFamily => AddressFamily.Unix;

        public override System.Net.SocketAddress Serialize() => _address.Serialize();

        public override System.Net.EndPoint Create(System.Net.SocketAddress socketAddress) => _address.Create(socketAddress);
    }
}

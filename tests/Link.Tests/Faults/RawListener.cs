using System.Net.Sockets;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>A listening Unix socket, written by hand.</summary>
internal sealed class RawListener : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public RawListener(string path)
    {
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen(128);
    }

    public async Task<RawPeer> AcceptAsync() => new(await Within.Deadline(_socket.AcceptAsync()));

    public void Dispose() => _socket.Dispose();
}

using System.Net.Sockets;

namespace Link.Spec.Support;

/// <summary>A listening socket file with nobody but the test behind it.</summary>
internal sealed class RawListener : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<RawPeer> _accepted = [];

    public RawListener(string path)
    {
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen(16);
    }

    public async Task<RawPeer> AcceptAsync()
    {
        var peer = RawPeer.Over(await _socket.AcceptAsync().Soon());
        _accepted.Add(peer);
        return peer;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _accepted.ForEach(peer => peer.Dispose());
    }
}

using System.Net;
using System.Net.Sockets;

namespace Link.Streams.Sockets;

/// <summary>
/// The address of a socket file, for binding. A <see cref="Socket"/> bound to a <see cref="UnixDomainSocketEndPoint"/> deletes by
/// path, on disposal, whatever stands there by then, even the file of a successor. It does so for that type only; hence this one.
/// </summary>
internal sealed class SocketFileEndPoint(string path) : EndPoint
{
    private readonly UnixDomainSocketEndPoint _address = new(path);

    public override AddressFamily AddressFamily => AddressFamily.Unix;

    public override SocketAddress Serialize() => _address.Serialize();

    public override EndPoint Create(SocketAddress socketAddress) => _address.Create(socketAddress);

    public override string ToString() => _address.ToString();
}

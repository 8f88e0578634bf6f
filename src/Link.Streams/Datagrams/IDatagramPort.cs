using System.Net;
using System.Net.Sockets;

namespace Link.Streams.Datagrams;

/// <summary>The socket that a channel sends from. Safe for concurrent use.</summary>
internal interface IDatagramPort
{
    /// <summary>True when nothing new is to begin: a channel ends as soon as nobody waits for an answer on it.</summary>
    bool IsDraining { get; }

    /// <summary>Sends now or not at all; never waits.</summary>
    /// <param name="datagram">The bytes; not kept.</param>
    /// <param name="to">Where; null where the socket is connected.</param>
    /// <returns><see cref="SocketError.Success"/>, or why nothing was sent.</returns>
    SocketError Send(ReadOnlySpan<byte> datagram, SocketAddress? to);

    /// <summary>The channel has ended: nothing is to be delivered to it any more. May be called more than once.</summary>
    void Forget(DatagramChannel channel);
}

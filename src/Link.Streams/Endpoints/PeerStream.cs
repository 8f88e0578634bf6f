using System.Net;
using Link.Abstractions;

namespace Link.Streams.Endpoints;

/// <summary>A connected stream whose other end is known and trusted as far as the endpoint can tell.</summary>
/// <param name="Stream">The bytes; owned by whoever holds this. Closing it ends a read or write under way.</param>
/// <param name="Peer">Who is at the other end.</param>
public readonly record struct PeerStream(Stream Stream, Peer Peer)
{
    /// <summary>The address and port of this process's end of a network connection: one that the peer can reach. Otherwise null.</summary>
    public IPEndPoint? Local { get; init; }

    /// <summary>The address and port of the peer's end of a network connection: where a host name has led. Otherwise null.</summary>
    public IPEndPoint? Remote { get; init; }
}

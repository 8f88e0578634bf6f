using Link.Abstractions;
using Link.Streams;

namespace Link.NodeIpc.Frames;

/// <summary>Frames to and from one peer.</summary>
/// <param name="Channel">The frames; owned by whoever holds this.</param>
/// <param name="Peer">Who is at the other end.</param>
/// <param name="MaxFrameBytes">The largest frame it carries.</param>
internal readonly record struct PeerChannel(IFrameChannel Channel, Peer Peer, int MaxFrameBytes);

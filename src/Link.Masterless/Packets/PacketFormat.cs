using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Streams;

namespace Link.Masterless.Packets;

/// <summary>How packets look on the wire (SPEC.md, "masterless: packets"). Inside this process every packet is JSON text. Immutable.</summary>
internal abstract class PacketFormat
{
    /// <summary>The heartbeat, as JSON text.</summary>
    public abstract ReadOnlySpan<byte> Heartbeat { get; }

    /// <summary>A keep packet, as JSON text.</summary>
    /// <param name="keeps">What it says.</param>
    /// <param name="isLink">Whether it also says that a node of Link wrote it.</param>
    public abstract ReadOnlySpan<byte> Keep(bool keeps, bool isLink = false);

    /// <summary>Whether an object would be taken for a packet of the protocol's own.</summary>
    /// <param name="json">A JSON object.</param>
    public virtual bool IsReserved(ReadOnlySpan<byte> json) => false;

    /// <summary>Where packets begin and end: one for each channel.</summary>
    /// <param name="limits">The bounds.</param>
    /// <param name="peer">Tells who is at the other end, as far as is known by then; for error texts.</param>
    public abstract IFrameCodec CreateCodec(StreamLimits limits, Func<Peer> peer);

    /// <summary>Appends the content of one frame.</summary>
    /// <param name="output">Where to append.</param>
    /// <param name="state">What to encode.</param>
    /// <param name="encode">Writes the packet as JSON text.</param>
    public abstract void Encode<TState>(PooledBuffer output, TState state, FrameEncoder<TState> encode);

    /// <summary>Whether the first frame of a connection looks as if the peer spoke the other format.</summary>
    public virtual bool IsOfOtherFormat(ReadOnlySpan<byte> frame) => false;

    /// <summary>Reads the content of one frame; nothing of it is kept.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is malformed.</exception>
    /// <exception cref="MessagePack.MessagePackException">It is malformed.</exception>
    public abstract Packet Read(ReadOnlySpan<byte> frame);
}

using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Streams;

namespace Link.Masterless.Packets;

/// <summary>
/// Frames that end with a carriage return and a line feed. The end of the stream ends a line, too. A line that cannot be JSON is refused with its first byte: a peer that speaks
/// MessagePack may never end one. Immutable, for one channel.
/// </summary>
/// <param name="peer">Tells who is at the other end, for error texts.</param>
internal sealed class CrLfCodec(Func<Peer> peer) : IFrameCodec
{
    /// <summary>No JSON text begins with it, or with a byte above it; every map in MessagePack does.</summary>
    private const byte FirstBeyondAscii = 0x80;

    private static readonly byte[] End = "\r\n"u8.ToArray();

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ImpliedEnd => End;

    /// <inheritdoc/>
    public bool TryFindFrame(ReadOnlySpan<byte> buffer, int examined, out Range frame, out int consumed)
    {
        if (buffer is [>= FirstBeyondAscii, ..])
        {
            var sender = peer();
            throw new LinkException(
                LinkError.ProtocolViolation, $"{sender} sent a line that is no JSON: it may speak MessagePack. The connection is closed.", RequestFate.Unknown, sender);
        }

        // The carriage return may have been the last byte that was examined.
        var start = Math.Max(0, examined - 1);
        var end = buffer[start..].IndexOf("\r\n"u8);
        frame = end < 0 ? default : ..(start + end);
        consumed = end < 0 ? 0 : start + end + End.Length;
        return end >= 0;
    }

    /// <inheritdoc/>
    public void EndFrame(PooledBuffer output, int start) => output.Write(End);
}

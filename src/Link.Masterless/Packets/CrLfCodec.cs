using Link.Abstractions.Buffers;
using Link.Streams;

namespace Link.Masterless.Packets;

/// <summary>Frames that end with a carriage return and a line feed. The end of the stream ends a line, too. Immutable.</summary>
internal sealed class CrLfCodec : IFrameCodec
{
    private static readonly byte[] End = "\r\n"u8.ToArray();

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ImpliedEnd => End;

    /// <inheritdoc/>
    public bool TryFindFrame(ReadOnlySpan<byte> buffer, int examined, out Range frame, out int consumed)
    {
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

using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Streams;

namespace Link.Masterless.MessagePack;

/// <summary>MessagePack values one behind the other, with nothing between them. One for each channel: it remembers how far the reader has come.</summary>
/// <param name="limits">The bounds: a value that announces more is refused before its bytes are there.</param>
/// <param name="peer">Who is at the other end, for error texts.</param>
internal sealed class MessagePackCodec(StreamLimits limits, Peer peer) : IFrameCodec
{
    /// <inheritdoc/>
    public bool TryFindFrame(ReadOnlySpan<byte> buffer, int examined, out Range frame, out int consumed) =>
        throw new NotSupportedException($"{limits} {peer}");

    /// <inheritdoc/>
    public void EndFrame(PooledBuffer output, int start)
    {
    }
}

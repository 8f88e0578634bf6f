using Link.Abstractions.Buffers;

namespace Link.Streams;

/// <summary>No frames at all: whatever was received at once is one, and nothing is added to what is sent. Immutable.</summary>
/// <param name="maxBytes">The most that one may have; what is longer becomes several. Positive.</param>
public sealed class RawCodec(int maxBytes) : IFrameCodec
{
    /// <inheritdoc/>
    public bool TryFindFrame(ReadOnlySpan<byte> buffer, int examined, out Range frame, out int consumed)
    {
        consumed = Math.Min(buffer.Length, maxBytes);
        frame = ..consumed;
        return consumed > 0;
    }

    /// <inheritdoc/>
    public void EndFrame(PooledBuffer output, int start)
    {
    }
}

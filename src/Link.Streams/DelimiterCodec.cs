using Link.Abstractions.Buffers;

namespace Link.Streams;

/// <summary>Frames that end with one byte which never occurs inside them. Immutable.</summary>
/// <param name="delimiter">The byte; a form feed for node-ipc.</param>
public sealed class DelimiterCodec(byte delimiter) : IFrameCodec
{
    /// <inheritdoc/>
    public bool TryFindFrame(ReadOnlySpan<byte> buffer, int examined, out Range frame, out int consumed)
    {
        var end = buffer[examined..].IndexOf(delimiter);
        if (end < 0)
        {
            frame = default;
            consumed = 0;
            return false;
        }

        frame = ..(examined + end);
        consumed = examined + end + 1;
        return true;
    }

    /// <inheritdoc/>
    public void EndFrame(PooledBuffer output, int start)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write([delimiter]);
    }
}

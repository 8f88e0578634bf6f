using Link.Abstractions.Buffers;

namespace Link.Streams;

/// <summary>
/// Where frames begin and end in a stream of bytes. Stateless and safe for concurrent use; or one for each channel, which may remember how far its
/// reader has come.
/// </summary>
public interface IFrameCodec
{
    /// <summary>
    /// What is taken as received when the stream ends inside a frame: where the end of a stream ends a frame, what would have delimited it.
    /// Default nothing: a frame that the end cuts is a violation.
    /// </summary>
    ReadOnlyMemory<byte> ImpliedEnd => default;

    /// <summary>Looks for the first whole frame.</summary>
    /// <param name="buffer">The bytes received and not yet consumed.</param>
    /// <param name="examined">How many of them an earlier call has looked at without finding an end.</param>
    /// <param name="frame">The content of the frame, without what delimits it.</param>
    /// <param name="consumed">How many bytes the frame takes, with what delimits it.</param>
    /// <returns>False when the frame is not complete yet.</returns>
    /// <exception cref="Abstractions.LinkException">What was received can never become a frame; the channel is closed.</exception>
    bool TryFindFrame(ReadOnlySpan<byte> buffer, int examined, out Range frame, out int consumed);

    /// <summary>Completes the frame whose content was appended to <paramref name="output"/> from <paramref name="start"/> on.</summary>
    void EndFrame(PooledBuffer output, int start);
}

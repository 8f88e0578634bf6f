using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>A frame of a node on its way out, and who is told what becomes of it.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Tell">Whoever waits for its answer, or null.</param>
/// <param name="Sent">Whoever waits for it to be handed over, or null.</param>
internal readonly record struct NodeFrame(OutgoingFrame Frame, PendingTell? Tell, TaskCompletionSource? Sent)
{
    // What a frame costs besides what was told.
    private const int Overhead = 256;

    /// <summary>What it holds in memory.</summary>
    public long Bytes => Retained.Bytes(Frame.First) + Retained.Bytes(Frame.Second) + Retained.Bytes(Frame.Third) + Overhead;

    /// <summary>Hands it over.</summary>
    /// <exception cref="Abstractions.LinkException">Nothing was sent.</exception>
    public void WriteTo(NodeLink link)
    {
        Tell?.MarkSent();
        link.Write(Frame);
        Sent?.TrySetResult();
    }
}

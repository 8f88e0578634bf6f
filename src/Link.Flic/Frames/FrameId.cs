using Link.Abstractions.Buffers;

namespace Link.Flic.Frames;

/// <summary>The ids of frames: uuids of version 4 in lower case, new for every frame (SPEC.md, "flic: frames").</summary>
internal static class FrameId
{
    private const int QuotedLength = 38;

    /// <summary>A new one as JSON text.</summary>
    public static byte[] New()
    {
        var quoted = new byte[QuotedLength];
        Fill(quoted);
        return quoted;
    }

    /// <summary>Appends a new one as JSON text.</summary>
    public static void WriteNew(PooledBuffer output)
    {
        Fill(output.GetSpan(QuotedLength));
        output.Advance(QuotedLength);
    }

    private static void Fill(Span<byte> quoted)
    {
        quoted[0] = quoted[QuotedLength - 1] = (byte)'"';
        Guid.NewGuid().TryFormat(quoted[1..], out _, "D");
    }
}

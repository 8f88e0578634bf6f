using Link.Abstractions;
using Link.Masterless.MessagePack;
using Link.Streams;
using Link.Wire.Support;

namespace Link.Wire.MessagePack;

/// <summary>The codec under test, asked for one value.</summary>
internal static class Cut
{
    public static MessagePackCodec Codec(int maxFrameBytes = 16 * 1024 * 1024) =>
        new(new StreamLimits { MaxFrameBytes = maxFrameBytes, OutboundBacklogBytes = Math.Max(maxFrameBytes, 1024) }, () => Connections.PeerOf(dialled: true));

    /// <summary>The first whole value; null when there is none, or never will be.</summary>
    public static byte[]? First(byte[] bytes)
    {
        try
        {
            return Codec().TryFindFrame(bytes, 0, out var frame, out _) ? bytes[frame] : null;
        }
        catch (LinkException)
        {
            return null;
        }
    }

    /// <summary>The length of the first value, <c>waits</c>, or the error, when the bytes come in these pieces.</summary>
    public static string Describe(byte[] bytes, IEnumerable<int> lengths)
    {
        var codec = Codec();
        var examined = 0;
        try
        {
            foreach (var length in lengths)
            {
                if (codec.TryFindFrame(bytes.AsSpan(0, length), examined, out var frame, out var consumed))
                {
                    Assert.Equal(..consumed, frame);
                    return $"{consumed}";
                }

                examined = length;
            }

            return "waits";
        }
        catch (LinkException exception)
        {
            return $"{exception.Error}";
        }
    }
}

using Link.Abstractions.Buffers;
using Link.Streams;

namespace Link.Flic.Frames;

/// <summary>
/// A frame to be written, members in the originals' order: id, method, data, nodeName (SPEC.md, "flic: frames"). Everything is JSON text;
/// the items of data that are empty are left out.
/// </summary>
internal readonly record struct OutgoingFrame
{
    /// <summary>Writes the content of a frame.</summary>
    public static readonly FrameEncoder<OutgoingFrame> Encode = static (output, frame) => frame.WriteTo(output);

    /// <summary>What it is.</summary>
    public required FlicMethod Method { get; init; }

    /// <summary>Its id; a new one when this is empty.</summary>
    public ReadOnlyMemory<byte> Id { get; init; }

    /// <summary>The first item of data, or several joined by commas.</summary>
    public ReadOnlyMemory<byte> First { get; init; }

    /// <summary>The second item.</summary>
    public ReadOnlyMemory<byte> Second { get; init; }

    /// <summary>The third item.</summary>
    public ReadOnlyMemory<byte> Third { get; init; }

    /// <summary>The fourth item.</summary>
    public ReadOnlyMemory<byte> Fourth { get; init; }

    /// <summary>The name of the node that writes it, quoted; empty from a bridge.</summary>
    public ReadOnlyMemory<byte> NodeName { get; init; }

    /// <summary>Appends everything up to the items of data.</summary>
    public static void Begin(PooledBuffer output, ReadOnlySpan<byte> id, FlicMethod method)
    {
        output.Write("{\"id\":"u8);
        if (id.IsEmpty)
        {
            FrameId.WriteNew(output);
        }
        else
        {
            output.Write(id);
        }

        output.Write(",\"method\":\""u8);
        output.Write(NameOf(method));
        output.Write("\",\"data\":["u8);
    }

    /// <summary>Appends everything after the items of data.</summary>
    public static void End(PooledBuffer output, ReadOnlySpan<byte> nodeName)
    {
        output.Write("]"u8);
        if (!nodeName.IsEmpty)
        {
            output.Write(",\"nodeName\":"u8);
            output.Write(nodeName);
        }

        output.Write("}"u8);
    }

    /// <summary>Appends the whole content.</summary>
    public void WriteTo(PooledBuffer output)
    {
        Begin(output, Id.Span, Method);
        var isFirst = true;
        Append(output, First.Span, ref isFirst);
        Append(output, Second.Span, ref isFirst);
        Append(output, Third.Span, ref isFirst);
        Append(output, Fourth.Span, ref isFirst);
        End(output, NodeName.Span);
    }

    private static void Append(PooledBuffer output, ReadOnlySpan<byte> item, ref bool isFirst)
    {
        if (item.IsEmpty)
        {
            return;
        }

        output.Write(isFirst ? [] : ","u8);
        output.Write(item);
        isFirst = false;
    }

    private static ReadOnlySpan<byte> NameOf(FlicMethod method) => method switch
    {
        FlicMethod.Tell => "TELL"u8,
        FlicMethod.Ack => "ACK"u8,
        FlicMethod.Shout => "SHOUT"u8,
        FlicMethod.Ident => "IDENT"u8,
        FlicMethod.Leave => "LEAVE"u8,
        FlicMethod.Close => "CLOSE"u8,
        FlicMethod.Link => "LINK"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "It has no name."),
    };
}

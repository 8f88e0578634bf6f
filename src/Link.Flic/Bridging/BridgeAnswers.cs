using System.Text;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>The answers that a bridge writes. What its reader handles comes from <c>from</c>; nobody may be there to be answered.</summary>
internal static class BridgeAnswers
{
    /// <summary>The arguments that say that a name is registered.</summary>
    public static readonly byte[] NoError = "[null]"u8.ToArray();

    /// <summary>No arguments.</summary>
    public static readonly byte[] Nothing = "[]"u8.ToArray();

    private static readonly byte[] Null = "null"u8.ToArray();

    /// <summary>JSON text, or null for what is missing, as the originals write it.</summary>
    public static ReadOnlyMemory<byte> OrNull(ReadOnlyMemory<byte> json) => json.IsEmpty ? Null : json;

    /// <summary>Answers with arguments, JSON text. A connection that has no room for an answer is closed: nobody shall wait for what is lost.</summary>
    public static Delivery Answer(this BridgeNode from, BridgeNode to, ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> arguments)
    {
        var delivery = from.Write(
            to, new OutgoingFrame { Method = FlicMethod.Ack, First = OrNull(id), Second = OrNull(arguments) }, OutgoingFrame.Encode, mayWait: true);
        if (delivery is Delivery.Overloaded or Delivery.Behind)
        {
            to.Cut();
        }

        return delivery;
    }

    /// <summary>Answers with an error.</summary>
    public static void Refuse(this BridgeNode from, BridgeNode? to, ReadOnlyMemory<byte> id, string error)
    {
        if (to is not null)
        {
            from.Answer(to, id, Encoding.UTF8.GetBytes($"[\"{error}\"]"));
        }
    }
}

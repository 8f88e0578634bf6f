using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Link.Abstractions.Buffers;

namespace Link.Masterless.MessagePack;

/// <summary>Puts the members of a map in the order of a JavaScript engine: those with integers for keys first, ascending, the others as they came.</summary>
internal static class MessagePackMembers
{
    /// <summary>Sorts the members, which end what was written, in place.</summary>
    public static void Sort(PooledBuffer output, int start, int count)
    {
        var members = MemoryMarshal.AsMemory(output.WrittenMemory).Span[start..];
        var places = new (int Start, int Length, ulong Key)[count];
        var next = 0;
        for (var index = 0; index < count; index++)
        {
            var key = KeyAt(members[next..]);
            var end = EndOf(members, EndOf(members, next));
            places[index] = (next, end - next, key);
            next = end;
        }

        var original = ArrayPool<byte>.Shared.Rent(members.Length);
        members.CopyTo(original);
        foreach (var place in places.OrderBy(place => place.Key))
        {
            original.AsSpan(place.Start, place.Length).CopyTo(members);
            members = members[place.Length..];
        }

        ArrayPool<byte>.Shared.Return(original);
    }

    /// <summary>What to sort by: the integer, or what comes after all of them.</summary>
    private static ulong KeyAt(ReadOnlySpan<byte> member)
    {
        MessagePackHead.TryRead(member, out var head);
        return head switch
        {
            { Kind: MessagePackKind.Small } => member[0],
            { Kind: MessagePackKind.Unsigned, Size: 1 } => member[1],
            { Kind: MessagePackKind.Unsigned, Size: 2 } => BinaryPrimitives.ReadUInt16BigEndian(member[1..]),
            { Kind: MessagePackKind.Unsigned } => BinaryPrimitives.ReadUInt32BigEndian(member[1..]),
            _ => ulong.MaxValue,
        };
    }

    private static int EndOf(ReadOnlySpan<byte> bytes, int start)
    {
        for (var missing = 1L; missing > 0; missing--)
        {
            MessagePackHead.TryRead(bytes[start..], out var head);
            start += head.Length;
            switch (head.Kind)
            {
                case MessagePackKind.Array:
                    missing += head.Size;
                    break;
                case MessagePackKind.Map:
                    missing += 2L * head.Size;
                    break;
                default:
                    start += (int)head.Size;
                    break;
            }
        }

        return start;
    }
}

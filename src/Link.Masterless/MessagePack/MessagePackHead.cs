using System.Buffers.Binary;

namespace Link.Masterless.MessagePack;

/// <summary>How a value begins: enough to tell where it ends, or how many values it holds.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Length">The bytes of the head.</param>
/// <param name="Size">The bytes that follow the head; of an array or a map, its elements or members.</param>
internal readonly record struct MessagePackHead(MessagePackKind Kind, int Length, uint Size)
{
    /// <summary>How many levels of arrays and maps a value may have: one more than JSON, for the envelope around a payload.</summary>
    public const int MaxDepth = Abstractions.Json.JsonText.MaxDepth + 1;

    private const byte FirstOfTable = 0xc0;

    /// <summary>For each first byte from c0 to df.</summary>
    private static ReadOnlySpan<byte> Kinds =>
    [
        (byte)MessagePackKind.Nil, (byte)MessagePackKind.Never, (byte)MessagePackKind.False, (byte)MessagePackKind.True,
        (byte)MessagePackKind.Binary, (byte)MessagePackKind.Binary, (byte)MessagePackKind.Binary,
        (byte)MessagePackKind.Extension, (byte)MessagePackKind.Extension, (byte)MessagePackKind.Extension,
        (byte)MessagePackKind.Float, (byte)MessagePackKind.Float,
        (byte)MessagePackKind.Unsigned, (byte)MessagePackKind.Unsigned, (byte)MessagePackKind.Unsigned, (byte)MessagePackKind.Unsigned,
        (byte)MessagePackKind.Signed, (byte)MessagePackKind.Signed, (byte)MessagePackKind.Signed, (byte)MessagePackKind.Signed,
        (byte)MessagePackKind.Extension, (byte)MessagePackKind.Extension, (byte)MessagePackKind.Extension,
        (byte)MessagePackKind.Extension, (byte)MessagePackKind.Extension,
        (byte)MessagePackKind.Text, (byte)MessagePackKind.Text, (byte)MessagePackKind.Text,
        (byte)MessagePackKind.Array, (byte)MessagePackKind.Array, (byte)MessagePackKind.Map, (byte)MessagePackKind.Map,
    ];

    /// <summary>How many bytes tell the size; 0 where the first byte alone does.</summary>
    private static ReadOnlySpan<byte> WidthsOfSize => [0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4];

    /// <summary>The size, where no bytes tell it.</summary>
    private static ReadOnlySpan<byte> Sizes => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 16, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Reads the head of the value at the start.</summary>
    /// <returns>False when the bytes end inside the head.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out MessagePackHead head)
    {
        if (bytes.IsEmpty)
        {
            head = default;
            return false;
        }

        int first = bytes[0];
        if (first is >= FirstOfTable and < 0xe0)
        {
            return TryReadLong(bytes, first - FirstOfTable, out head);
        }

        head = first switch
        {
            < 0x80 or >= 0xe0 => new MessagePackHead(MessagePackKind.Small, 1, 0),
            < 0x90 => new MessagePackHead(MessagePackKind.Map, 1, (uint)first & 0x0f),
            < 0xa0 => new MessagePackHead(MessagePackKind.Array, 1, (uint)first & 0x0f),
            _ => new MessagePackHead(MessagePackKind.Text, 1, (uint)first & 0x1f),
        };
        return true;
    }

    private static bool TryReadLong(ReadOnlySpan<byte> bytes, int row, out MessagePackHead head)
    {
        var kind = (MessagePackKind)Kinds[row];
        int width = WidthsOfSize[row];
        var length = 1 + width + (kind == MessagePackKind.Extension ? 1 : 0);
        if (bytes.Length < length)
        {
            head = default;
            return false;
        }

        var size = width switch
        {
            0 => Sizes[row],
            1 => bytes[1],
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]),
        };
        head = new MessagePackHead(kind, length, size);
        return true;
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Link.Abstractions.Buffers;

namespace Link.Masterless.MessagePack;

/// <summary>Writes single MessagePack values and the heads of others, each in its shortest form. Floating point numbers always take double precision.</summary>
internal static class MessagePackForm
{
    /// <summary>The longest head of text, bytes, an array or a map.</summary>
    public const int LongestHead = 5;

    private const int LongestNumber = 9;
    private const double BeyondUnsigned = 18446744073709551616.0;
    private const double LowestSigned = long.MinValue;

    /// <summary>Appends a byte.</summary>
    public static void WriteByte(PooledBuffer output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    /// <summary>Appends an integer.</summary>
    public static void WriteInteger(PooledBuffer output, long value)
    {
        if (value >= 0)
        {
            WriteInteger(output, (ulong)value);
            return;
        }

        var target = output.GetSpan(LongestNumber);
        switch (value)
        {
            case >= -32:
                target[0] = (byte)value;
                output.Advance(1);
                break;
            case >= sbyte.MinValue:
                target[0] = 0xd0;
                target[1] = (byte)value;
                output.Advance(2);
                break;
            case >= short.MinValue:
                target[0] = 0xd1;
                BinaryPrimitives.WriteInt16BigEndian(target[1..], (short)value);
                output.Advance(3);
                break;
            case >= int.MinValue:
                target[0] = 0xd2;
                BinaryPrimitives.WriteInt32BigEndian(target[1..], (int)value);
                output.Advance(5);
                break;
            default:
                target[0] = 0xd3;
                BinaryPrimitives.WriteInt64BigEndian(target[1..], value);
                output.Advance(9);
                break;
        }
    }

    /// <summary>Appends an integer.</summary>
    public static void WriteInteger(PooledBuffer output, ulong value)
    {
        var target = output.GetSpan(LongestNumber);
        switch (value)
        {
            case < 0x80:
                target[0] = (byte)value;
                output.Advance(1);
                break;
            case <= uint.MaxValue:
                output.Advance(WriteHead(target, (uint)value, 0xcc, 0xcd, 0xce));
                break;
            default:
                target[0] = 0xcf;
                BinaryPrimitives.WriteUInt64BigEndian(target[1..], value);
                output.Advance(9);
                break;
        }
    }

    /// <summary>Appends a number: an integer where it is one, as JavaScript does not tell 1.0 from 1.</summary>
    public static void WriteNumber(PooledBuffer output, double value)
    {
        if (Math.Truncate(value) == value && value is >= LowestSigned and < BeyondUnsigned)
        {
            if (value < 0)
            {
                WriteInteger(output, (long)value);
            }
            else
            {
                WriteInteger(output, (ulong)value);
            }

            return;
        }

        var target = output.GetSpan(LongestNumber);
        target[0] = 0xcb;
        BinaryPrimitives.WriteDoubleBigEndian(target[1..], value);
        output.Advance(LongestNumber);
    }

    /// <summary>Writes the head of so many bytes of text.</summary>
    /// <returns>The length of the head.</returns>
    public static int WriteTextHead(Span<byte> target, int length)
    {
        if (length >= 32)
        {
            return WriteHead(target, (uint)length, 0xd9, 0xda, 0xdb);
        }

        target[0] = (byte)(0xa0 | length);
        return 1;
    }

    /// <summary>Puts the head before bytes that were appended behind one byte kept for it.</summary>
    public static void CompleteBinary(PooledBuffer output, int start)
    {
        Span<byte> head = stackalloc byte[LongestHead];
        Complete(output, start, head[..WriteHead(head, (uint)(output.Length - start - 1), 0xc4, 0xc5, 0xc6)]);
    }

    /// <summary>Puts the head before elements that were appended behind one byte kept for it.</summary>
    public static void CompleteArray(PooledBuffer output, int start, int count) => Complete(output, start, count, 0x90, 0xdc);

    /// <summary>Puts the head before members that were appended behind one byte kept for it.</summary>
    public static void CompleteMap(PooledBuffer output, int start, int count) => Complete(output, start, count, 0x80, 0xde);

    private static void Complete(PooledBuffer output, int start, int count, byte small, byte medium)
    {
        Span<byte> head = stackalloc byte[LongestHead];
        var length = 1;
        if (count < 16)
        {
            head[0] = (byte)(small | count);
        }
        else
        {
            length = WriteHead(head, (uint)count, medium, (byte)(medium + 1));
        }

        Complete(output, start, head[..length]);
    }

    // Most values need no more than the byte that was kept: only those with a longer head are moved.
    private static void Complete(PooledBuffer output, int start, ReadOnlySpan<byte> head)
    {
        var (end, more) = (output.Length, head.Length - 1);
        if (more > 0)
        {
            output.GetSpan(more);
            output.Advance(more);
        }

        var written = MemoryMarshal.AsMemory(output.WrittenMemory).Span;
        if (more > 0)
        {
            written[(start + 1)..end].CopyTo(written[(start + head.Length)..]);
        }

        head.CopyTo(written[start..]);
    }

    private static int WriteHead(Span<byte> target, uint size, byte one, byte two, byte four)
    {
        if (size > byte.MaxValue)
        {
            return WriteHead(target, size, two, four);
        }

        target[0] = one;
        target[1] = (byte)size;
        return 2;
    }

    private static int WriteHead(Span<byte> target, uint size, byte two, byte four)
    {
        if (size > ushort.MaxValue)
        {
            target[0] = four;
            BinaryPrimitives.WriteUInt32BigEndian(target[1..], size);
            return 5;
        }

        target[0] = two;
        BinaryPrimitives.WriteUInt16BigEndian(target[1..], (ushort)size);
        return 3;
    }
}

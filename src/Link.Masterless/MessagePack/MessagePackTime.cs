using System.Buffers.Binary;
using System.Globalization;
using System.Text.Unicode;

namespace Link.Masterless.MessagePack;

/// <summary>Points in time: the one extension that MessagePack itself defines. Read as JavaScript does, and written as its <c>Date</c> writes JSON.</summary>
internal static class MessagePackTime
{
    /// <summary>The type of the extension.</summary>
    public const sbyte Type = -1;

    private const double LargestDate = 8.64e15;
    private const int LongestText = 32;
    private const int YearsOfCycle = 400;

    /// <summary>The calendar repeats itself after that: it brings any year near enough to 1970 for <see cref="DateTime"/>.</summary>
    private const long MillisecondsOfCycle = 146097L * 24 * 60 * 60 * 1000;

    /// <summary>The milliseconds since 1970, before rounding.</summary>
    /// <returns>False when no time is that long.</returns>
    public static bool TryRead(ReadOnlySpan<byte> data, out double milliseconds)
    {
        switch (data.Length)
        {
            case 4:
                milliseconds = From(BinaryPrimitives.ReadUInt32BigEndian(data), 0);
                return true;
            case 8:
                var both = BinaryPrimitives.ReadUInt64BigEndian(data);
                milliseconds = From((long)(both & 0x3ffffffff), (uint)(both >> 34));
                return true;
            case 12:
                milliseconds = From(BinaryPrimitives.ReadInt64BigEndian(data[4..]), BinaryPrimitives.ReadUInt32BigEndian(data));
                return true;
            default:
                milliseconds = 0;
                return false;
        }
    }

    /// <summary>Appends the time; null where it is out of the range of <c>Date</c>.</summary>
    public static void Write(BoundedJson json, double milliseconds)
    {
        if (Math.Abs(milliseconds) > LargestDate)
        {
            json.Raw("null"u8);
            return;
        }

        var (cycles, rest) = Math.DivRem((long)milliseconds, MillisecondsOfCycle);
        var time = DateTime.UnixEpoch.AddTicks(rest * TimeSpan.TicksPerMillisecond);
        var year = time.Year + (int)(cycles * YearsOfCycle);
        Span<byte> text = stackalloc byte[LongestText];
        _ = year is >= 0 and <= 9999
            ? Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"\"{year:D4}{time:-MM-ddTHH:mm:ss.fff}Z\"", out var length)
            : Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"\"{year:+000000;-000000}{time:-MM-ddTHH:mm:ss.fff}Z\"", out length);
        json.Raw(text[..length]);
    }

    private static double From(long seconds, uint nanoseconds) => (seconds * 1e3) + (nanoseconds / 1e6);
}

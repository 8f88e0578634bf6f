using Link.Abstractions;

namespace Link;

/// <summary>
/// Makes ids: 64 random bits and a counter in base36, so that neither two servers nor two requests ever share one
/// (SPEC.md, One.11). Safe for concurrent use.
/// </summary>
internal sealed class RequestIds
{
    private const int RandomDigits = 13;
    private const int MostDigits = 2 * RandomDigits;
    private long _count;

    public RequestId Next()
    {
        Span<byte> text = stackalloc byte[MostDigits + 2];
        var random = (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
        var length = 1;
        for (var digit = 0; digit < RandomDigits; digit++, random /= 36)
        {
            text[length++] = Digit(random % 36);
        }

        for (var count = (ulong)Interlocked.Increment(ref _count); count > 0; count /= 36)
        {
            text[length++] = Digit(count % 36);
        }

        text[0] = text[length++] = (byte)'"';
        return RequestId.FromJson(text[..length].ToArray());
    }

    private static byte Digit(ulong value) => "0123456789abcdefghijklmnopqrstuvwxyz"u8[(int)value];
}

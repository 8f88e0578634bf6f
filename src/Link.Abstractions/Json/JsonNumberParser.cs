using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Newtonsoft.Json;
using JsonException = System.Text.Json.JsonException;

namespace Link.Abstractions.Json;

/// <summary>JSON numbers, known to be well-formed, as the .NET values that Newtonsoft.Json keeps them in.</summary>
internal static class JsonNumberParser
{
    /// <summary>Reading a whole number takes quadratic time in its digits: more than these are refused.</summary>
    private const int MostDigits = 400;

    /// <summary>Whether the number is written without a point and without an exponent.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> number) => number.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;

    /// <summary>A long, a BigInteger where that is too small; a number with a point or an exponent as a double or a decimal.</summary>
    /// <exception cref="JsonException">The number has too many digits, or does not fit a decimal.</exception>
    public static object Parse(ReadOnlySpan<byte> number, FloatParseHandling handling)
    {
        if (!IsWhole(number))
        {
            return handling == FloatParseHandling.Decimal
                ? TryParseDecimal(number, out var exact) ? exact : throw new JsonException("A number does not fit a decimal.")
                : ParseDouble(number);
        }

        if (Utf8Parser.TryParse(number, out long value, out var used) && used == number.Length)
        {
            return value;
        }

        return number.Length <= MostDigits
            ? BigInteger.Parse(Encoding.UTF8.GetString(number), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : throw new JsonException("A whole number has more digits than can be read.");
    }

    /// <summary>The number as a decimal, with all its digits; false when it does not fit.</summary>
    public static bool TryParseDecimal(ReadOnlySpan<byte> number, out decimal value) =>
        Utf8Parser.TryParse(number, out value, out var used) && used == number.Length;

    /// <summary>The number as an int when it is whole in value: 1.0 and 1e2 are to JavaScript, 1.5 must not be rounded.</summary>
    public static bool TryParseInt32(ReadOnlySpan<byte> number, out int value)
    {
        if (Utf8Parser.TryParse(number, out value, out var used) && used == number.Length)
        {
            return true;
        }

        var real = ParseDouble(number);
        value = real is >= int.MinValue and <= int.MaxValue && real == Math.Truncate(real) ? (int)real : 0;
        return value == real;
    }

    private static double ParseDouble(ReadOnlySpan<byte> number) => double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Newtonsoft.Json;
using JsonException = System.Text.Json.JsonException;

namespace Link.Abstractions.Json;

/// <summary>JSON numbers as the .NET values that Newtonsoft.Json keeps them in: long, BigInteger, double, decimal.</summary>
internal static class JsonNumberParser
{
    /// <summary>Reading a whole number takes quadratic time in its digits: more than these are refused.</summary>
    private const int MostDigits = 400;

    /// <summary>Whether the number is written without a point and without an exponent.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> number) => number.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;

    /// <summary>The whole number that the reader stands on: a long where it fits.</summary>
    /// <exception cref="JsonException">It has too many digits.</exception>
    public static object ReadWhole(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var value))
        {
            return value;
        }

        var digits = reader.ValueSpan;
        return digits.Length <= MostDigits
            ? BigInteger.Parse(Encoding.UTF8.GetString(digits), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : throw new JsonException("A whole number has more digits than can be read.");
    }

    /// <summary>The number with a point or an exponent that the reader stands on.</summary>
    public static object ReadFraction(ref Utf8JsonReader reader, FloatParseHandling handling) =>
        handling == FloatParseHandling.Decimal ? reader.GetDecimal() : reader.GetDouble();
}

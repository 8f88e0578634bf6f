using System.Globalization;

namespace Link.Abstractions.Json;

/// <summary>
/// Numbers as JSON text in the form a JavaScript engine gives them: the fewest digits that read back as the same value, an exponent
/// only from 1e+21 up and from 1e-7 down (SPEC.md, "JSON text"). Stateless; safe for concurrent use.
/// </summary>
public static class JavaScriptNumber
{
    /// <summary>No number of the types below needs more bytes than this.</summary>
    public const int MaxLength = 32;

    private const double LargestExactInteger = 9007199254740992;
    private const int LargestPlainExponent = 21;
    private const int SmallestPlainExponent = -6;

    /// <summary>Writes the number; <c>null</c> when it is not finite, <c>0</c> for negative zero.</summary>
    /// <param name="value">The number.</param>
    /// <param name="target">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public static int Format(double value, Span<byte> target)
    {
        if (Math.Abs(value) <= LargestExactInteger && Math.Truncate(value) == value)
        {
            ((long)value).TryFormat(target, out var length, default, CultureInfo.InvariantCulture);
            return length;
        }

        if (!double.IsFinite(value))
        {
            "null"u8.CopyTo(target);
            return 4;
        }

        Span<byte> shortest = stackalloc byte[MaxLength];
        value.TryFormat(shortest, out var written, default, CultureInfo.InvariantCulture);
        if (IsPowerOfTwo(value) && double.Parse(shortest[..written], CultureInfo.InvariantCulture) != value)
        {
            value.TryFormat(shortest, out written, "G17", CultureInfo.InvariantCulture);
        }

        return Arrange(shortest[..written], target);
    }

    /// <summary>Writes the number by the digits that single precision needs (<c>0.1f</c> is <c>0.1</c>), otherwise as a double is written.</summary>
    /// <param name="value">The number.</param>
    /// <param name="target">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public static int Format(float value, Span<byte> target)
    {
        if (!float.IsFinite(value) || value == 0)
        {
            return Format((double)value, target);
        }

        Span<byte> shortest = stackalloc byte[MaxLength];
        value.TryFormat(shortest, out var written, default, CultureInfo.InvariantCulture);
        if (IsPowerOfTwo(value) && float.Parse(shortest[..written], CultureInfo.InvariantCulture) != value)
        {
            value.TryFormat(shortest, out written, "G9", CultureInfo.InvariantCulture);
        }

        return Arrange(shortest[..written], target);
    }

    /// <summary>Writes all digits of the number, without an exponent and without zeros at the end of the fraction.</summary>
    /// <param name="value">The number.</param>
    /// <param name="target">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public static int Format(decimal value, Span<byte> target)
    {
        value.TryFormat(target, out var length, default, CultureInfo.InvariantCulture);
        if (target[..length].Contains((byte)'.'))
        {
            length = target[..length].TrimEnd((byte)'0').TrimEnd((byte)'.').Length;
        }

        if (length == 2 && target[..2].SequenceEqual("-0"u8))
        {
            target[0] = (byte)'0';
            return 1;
        }

        return length;
    }

    // Below a power of two the neighbours lie closer than above: for a few of them (2 to the -25 and to the -958)
    // the runtime drops one digit too many, and what it writes reads back as another number.
    private static bool IsPowerOfTwo(double value) => (BitConverter.DoubleToUInt64Bits(value) & ((1UL << 52) - 1)) == 0;

    // The runtime finds the same shortest digits as a JavaScript engine, but places the point and the exponent by other rules.
    private static int Arrange(ReadOnlySpan<byte> shortest, Span<byte> target)
    {
        var length = 0;
        if (shortest[0] == '-')
        {
            target[length++] = (byte)'-';
            shortest = shortest[1..];
        }

        Span<byte> buffer = stackalloc byte[MaxLength];
        var digits = Split(shortest, buffer, out var point);
        return length + (point is > SmallestPlainExponent and <= LargestPlainExponent
            ? WritePlain(digits, point, target[length..])
            : WriteExponent(digits, point - 1, target[length..]));
    }

    /// <summary>The significant digits, and the place of the point counted from the first of them.</summary>
    private static ReadOnlySpan<byte> Split(ReadOnlySpan<byte> text, Span<byte> buffer, out int point)
    {
        point = 0;
        var exponentAt = text.IndexOf((byte)'E');
        if (exponentAt >= 0)
        {
            point = int.Parse(text[(exponentAt + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..exponentAt];
        }

        var pointAt = text.IndexOf((byte)'.');
        var whole = pointAt < 0 ? text : text[..pointAt];
        whole.CopyTo(buffer);
        var count = whole.Length;
        point += whole.Length;
        if (pointAt >= 0)
        {
            text[(pointAt + 1)..].CopyTo(buffer[count..]);
            count += text.Length - pointAt - 1;
        }

        var digits = buffer[..count].TrimStart((byte)'0');
        point -= count - digits.Length;
        return digits.TrimEnd((byte)'0');
    }

    private static int WritePlain(ReadOnlySpan<byte> digits, int point, Span<byte> target)
    {
        if (point <= 0)
        {
            "0."u8.CopyTo(target);
            target.Slice(2, -point).Fill((byte)'0');
            digits.CopyTo(target[(2 - point)..]);
            return 2 - point + digits.Length;
        }

        if (digits.Length <= point)
        {
            digits.CopyTo(target);
            target[digits.Length..point].Fill((byte)'0');
            return point;
        }

        digits[..point].CopyTo(target);
        target[point] = (byte)'.';
        digits[point..].CopyTo(target[(point + 1)..]);
        return digits.Length + 1;
    }

    private static int WriteExponent(ReadOnlySpan<byte> digits, int exponent, Span<byte> target)
    {
        var length = 0;
        target[length++] = digits[0];
        if (digits.Length > 1)
        {
            target[length++] = (byte)'.';
            digits[1..].CopyTo(target[length..]);
            length += digits.Length - 1;
        }

        target[length++] = (byte)'e';
        target[length++] = exponent < 0 ? (byte)'-' : (byte)'+';
        Math.Abs(exponent).TryFormat(target[length..], out var written, default, CultureInfo.InvariantCulture);
        return length + written;
    }
}

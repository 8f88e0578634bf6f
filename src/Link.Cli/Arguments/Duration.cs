using System.CommandLine.Parsing;
using System.Globalization;

namespace Link.Cli.Arguments;

/// <summary>A time as it is typed: <c>250ms</c>, <c>1.5s</c>, <c>2m</c>.</summary>
/// <param name="Value">How long.</param>
internal readonly record struct Duration(TimeSpan Value)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    // The longer units first: "ms" ends with "s".
    private static readonly (string Name, TimeSpan Length)[] Units =
        [("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1))];

    /// <summary>So many seconds.</summary>
    public static Duration Seconds(double seconds) => new(TimeSpan.FromSeconds(seconds));

    /// <summary>Reads a time of an option.</summary>
    public static Duration Parse(ArgumentResult result) => Parse(result, isZeroAllowed: false);

    /// <summary>Reads a time of an option that may be zero.</summary>
    public static Duration ParseOrZero(ArgumentResult result) => Parse(result, isZeroAllowed: true);

    /// <summary>Reads a time, or null if it is none, negative, or over a day.</summary>
    public static Duration? TryParse(string text)
    {
        foreach (var (name, length) in Units)
        {
            if (text.EndsWith(name, StringComparison.Ordinal))
            {
                return decimal.TryParse(text.AsSpan(0, text.Length - name.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                    && number <= Longest.Ticks / length.Ticks
                    ? new Duration(TimeSpan.FromTicks((long)(number * length.Ticks)))
                    : null;
            }
        }

        return text == "0" ? new Duration(TimeSpan.Zero) : null;
    }

    /// <summary>The time as it can be typed.</summary>
    public override string ToString() => Value < TimeSpan.FromSeconds(1) && Value > TimeSpan.Zero
        ? string.Create(CultureInfo.InvariantCulture, $"{Value.TotalMilliseconds}ms")
        : string.Create(CultureInfo.InvariantCulture, $"{Value.TotalSeconds}s");

    private static Duration Parse(ArgumentResult result, bool isZeroAllowed)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TryParse(text) is { } duration && (isZeroAllowed || duration.Value > TimeSpan.Zero))
        {
            return duration;
        }

        result.AddError($"'{text}' is no time. It is written as 250ms, 1.5s or 2m, and is {(isZeroAllowed ? "0" : "over 0")} to 24 h.");
        return default;
    }
}

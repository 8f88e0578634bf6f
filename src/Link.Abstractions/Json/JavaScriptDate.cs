using System.Globalization;

namespace Link.Abstractions.Json;

/// <summary>Points in time as JSON text in the form a JavaScript engine gives them: UTC, milliseconds, Z.</summary>
internal static class JavaScriptDate
{
    /// <summary>The length of every such text, quotes included.</summary>
    public const int QuotedLength = 26;

    private const int ThroughMilliseconds = 23;

    /// <summary>Writes the string with its quotes. A time of no stated kind is taken as UTC, so that the text is the same on every machine.</summary>
    public static void WriteQuoted(DateTime value, Span<byte> target)
    {
        var utc = value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : DateTime.SpecifyKind(value, DateTimeKind.Utc);
        Span<byte> text = stackalloc byte[28];
        utc.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        target[0] = (byte)'"';
        text[..ThroughMilliseconds].CopyTo(target[1..]);
        "Z\""u8.CopyTo(target[(1 + ThroughMilliseconds)..]);
    }
}

using System.Globalization;
using System.Text;

namespace Link.Logging;

/// <summary>What a peer has sent, as a message may show it: short and on one line, since a peer may send names of megabytes.</summary>
internal static class Shown
{
    private const int Longest = 100;

    /// <summary>The beginning of a text, without what is not to be seen.</summary>
    public static string Text(string text, int longest = Longest)
    {
        if (text.Length <= longest)
        {
            return text.All(IsVisible) ? text : string.Concat(text.Where(IsVisible));
        }

        // Not through the middle of a pair.
        var end = char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest;
        return string.Concat(text.Take(end).Where(IsVisible)) + "...";
    }

    /// <summary>The beginning of a text in UTF-8.</summary>
    public static string Text(ReadOnlySpan<byte> utf8) =>
        Text(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, Encoding.UTF8.GetMaxByteCount(Longest))]));

    private static bool IsVisible(char character) => char.GetUnicodeCategory(character) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}

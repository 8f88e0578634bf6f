namespace Link.Flic.Frames;

/// <summary>Text from the wire for messages to people: a peer must not decide how long they get, or how many lines they have.</summary>
internal static class ShortText
{
    private const int Longest = 100;

    /// <summary>The beginning of the text, without control characters.</summary>
    public static string Of(string text)
    {
        var isShort = text.Length <= Longest;
        return isShort && !text.Any(char.IsControl)
            ? text
            : string.Concat(text.Take(Longest).Where(character => !char.IsControl(character))) + (isShort ? "" : "...");
    }
}

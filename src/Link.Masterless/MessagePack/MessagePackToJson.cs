namespace Link.Masterless.MessagePack;

/// <summary>Reads a MessagePack value as JSON text, as JavaScript would write what masterless-msgpack reads (SPEC.md, "masterless: MessagePack").</summary>
internal static class MessagePackToJson
{
    // Bytes grow to four times their size, text to six, names such as false to seven. More than that comes only of heaps of empty buffers and
    // extensions, and of names within names, which double with each level.
    private const int MostGrowth = 8;
    private const int SmallJson = 64 * 1024;
    private const int LargestJson = 1 << 30;

    /// <summary>The value as JSON text in UTF-8; the array is the caller's.</summary>
    /// <exception cref="MessagePackException">
    /// The bytes are not exactly one value, or it is too deep, or its text is longer than eight times the bytes and 64 KiB.
    /// </exception>
    public static byte[] Read(ReadOnlySpan<byte> value)
    {
        var limit = LongestText(value.Length);
        using var json = new BoundedJson(limit, Math.Min(value.Length + (value.Length / 2), limit));
        var reader = new MessagePackReader(value, json);
        reader.ReadWhole();
        return json.Text.ToArray();
    }

    /// <summary>How long the text of a value may be.</summary>
    /// <param name="length">How many bytes the value has.</param>
    public static int LongestText(int length) => (int)Math.Min(((long)length * MostGrowth) + SmallJson, LargestJson);
}

namespace Link.Masterless.MessagePack;

/// <summary>Reads a MessagePack value as JSON text, as JavaScript would write what masterless-msgpack reads (SPEC.md, "masterless: MessagePack").</summary>
internal static class MessagePackToJson
{
    /// <summary>The value as JSON text in UTF-8; the array is the caller's.</summary>
    /// <exception cref="MessagePackException">The bytes are not exactly one value.</exception>
    public static byte[] Read(ReadOnlySpan<byte> value) => throw new NotSupportedException();
}

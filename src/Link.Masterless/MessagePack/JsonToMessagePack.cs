using Link.Abstractions.Buffers;

namespace Link.Masterless.MessagePack;

/// <summary>Writes JSON text as MessagePack, in the forms that masterless-msgpack writes (SPEC.md, "masterless: MessagePack").</summary>
internal static class JsonToMessagePack
{
    /// <summary>Appends the value.</summary>
    /// <param name="output">Where to append; on an exception it may hold a part.</param>
    /// <param name="json">Strict JSON text in UTF-8.</param>
    /// <exception cref="System.Text.Json.JsonException">It is not.</exception>
    public static void Write(PooledBuffer output, ReadOnlySpan<byte> json) => throw new NotSupportedException();
}

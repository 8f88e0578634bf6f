using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Link.Abstractions.Json;

/// <summary>
/// Remembers member names of the messages read before, because messages of one kind repeat them: a name seen again costs no string.
/// Bounded, newest wins. Not safe for concurrent use: one per thread.
/// </summary>
internal sealed class JsonNameCache
{
    private const int Slots = 256;
    private const int LongestName = 64;

    [ThreadStatic]
    private static JsonNameCache? _ofThisThread;

    private readonly string?[] _names = new string?[Slots];

    /// <summary>The cache of the calling thread.</summary>
    public static JsonNameCache OfThisThread => _ofThisThread ??= new JsonNameCache();

    /// <summary>The member name that the reader stands on.</summary>
    public string Read(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped || reader.HasValueSequence || reader.ValueSpan.Length is 0 or > LongestName)
        {
            return JsonStringDecoder.Read(ref reader);
        }

        var name = reader.ValueSpan;
        ref var slot = ref _names[SlotOf(name)];
        if (slot is null || !Ascii.Equals(name, slot))
        {
            slot = JsonStringDecoder.Read(ref reader);
        }

        return slot;
    }

    private static int SlotOf(ReadOnlySpan<byte> name)
    {
        var hash = name.Length >= 4
            ? BinaryPrimitives.ReadUInt32LittleEndian(name) ^ (BinaryPrimitives.ReadUInt32LittleEndian(name[^4..]) * 31)
            : name[0] | ((uint)name[^1] << 8);
        return (int)(((hash + (uint)name.Length) * 2654435769) >> 24);
    }
}

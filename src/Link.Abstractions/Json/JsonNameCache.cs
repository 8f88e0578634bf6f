using System.Buffers.Binary;
using System.Text;

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

    /// <summary>The name that the text between the quotes stands for.</summary>
    public string Get(ReadOnlySpan<byte> content, bool isEscaped)
    {
        if (isEscaped || content.Length is 0 or > LongestName)
        {
            return JsonStringDecoder.Decode(content, isEscaped);
        }

        ref var slot = ref _names[SlotOf(content)];
        if (slot is null || !Ascii.Equals(content, slot))
        {
            slot = JsonStringDecoder.Decode(content, isEscaped: false);
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

using System.Runtime.InteropServices;

namespace Link.Flic;

/// <summary>What is kept in memory by keeping a part of it.</summary>
internal static class Retained
{
    /// <summary>The size of the array that a memory is a part of: of a frame that came in, all of it.</summary>
    public static long Bytes(ReadOnlyMemory<byte> part) => MemoryMarshal.TryGetArray(part, out var whole) ? whole.Array!.Length : part.Length;
}

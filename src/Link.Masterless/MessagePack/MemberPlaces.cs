using System.Buffers;
using System.Runtime.InteropServices;
using Link.Abstractions.Buffers;

namespace Link.Masterless.MessagePack;

/// <summary>
/// Where the members of one map stand while it is written, to put them in the order of a JavaScript engine: integers first, ascending, the other
/// names as they came. Nothing is kept before the first integer: most maps have none.
/// </summary>
/// <param name="start">Where the first member begins.</param>
internal struct MemberPlaces(int start)
{
    private const ulong NoInteger = ulong.MaxValue;

    private List<(int Start, ulong Key)>? _places;
    private ulong _last;
    private bool _isUnordered;

    /// <summary>A member begins whose key is an integer.</summary>
    public void AddInteger(int place, ulong key)
    {
        // All names before it stay together, so that one place will do for them.
        _places ??= place > start ? [(start, NoInteger)] : [];
        _places.Add((place, key));
        _isUnordered |= key < _last;
        _last = key;
    }

    /// <summary>A member begins whose key is a name.</summary>
    public void AddName(int place)
    {
        _places?.Add((place, NoInteger));
        _last = NoInteger;
    }

    /// <summary>Sorts the members, which end what was written, in place.</summary>
    public readonly void Sort(PooledBuffer output)
    {
        if (!_isUnordered || _places is not { } places)
        {
            return;
        }

        var target = MemoryMarshal.AsMemory(output.WrittenMemory).Span[start..];
        var original = ArrayPool<byte>.Shared.Rent(target.Length);
        target.CopyTo(original);
        var ends = places.Skip(1).Select(next => next.Start).Append(output.Length);
        foreach (var (place, end) in places.Zip(ends).OrderBy(member => member.First.Key))
        {
            var member = original.AsSpan(place.Start - start, end - place.Start);
            member.CopyTo(target);
            target = target[member.Length..];
        }

        ArrayPool<byte>.Shared.Return(original);
    }
}

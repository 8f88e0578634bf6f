namespace Link.Flic;

/// <summary>What a connection sent before it registered a name, in order. Bounded; not safe for concurrent use.</summary>
/// <param name="maxBytes">How many bytes it holds at most.</param>
internal sealed class HeldFrames(int maxBytes)
{
    internal const int MaxCount = 4096;

    private Queue<byte[]>? _frames;
    private int _bytes;

    /// <summary>How many there are.</summary>
    public int Count => _frames?.Count ?? 0;

    /// <summary>Keeps a copy, if there is room.</summary>
    public bool TryAdd(ReadOnlyMemory<byte> content)
    {
        if (Count >= MaxCount || content.Length > maxBytes - _bytes)
        {
            return false;
        }

        (_frames ??= new Queue<byte[]>()).Enqueue(content.ToArray());
        _bytes += content.Length;
        return true;
    }

    /// <summary>Gives all of them, and holds none.</summary>
    public IReadOnlyCollection<byte[]> TakeAll()
    {
        IReadOnlyCollection<byte[]> frames = _frames ?? [];
        _frames = null;
        _bytes = 0;
        return frames;
    }
}

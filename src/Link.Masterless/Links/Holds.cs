namespace Link.Masterless;

/// <summary>Who needs a connection to be counted still: as long as it is open itself, and whoever has been told of it and has not let it go. Safe for concurrent use.</summary>
internal sealed class Holds
{
    private int _count = 1;

    /// <summary>Called once, when the last has let go.</summary>
    public Action? OnReleased { get; set; }

    /// <summary>One more, to be ended by <see cref="LetGo"/>. Only while another holds.</summary>
    public void Add() => Interlocked.Increment(ref _count);

    /// <summary>One fewer.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _count) == 0)
        {
            OnReleased?.Invoke();
        }
    }
}

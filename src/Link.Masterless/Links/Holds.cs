namespace Link.Masterless;

/// <summary>Who keeps a connection counting against its limit: itself until it is closed, and its user if he says so. Safe for concurrent use.</summary>
internal sealed class Holds
{
    private int _count = 1;

    /// <summary>Called once, when nobody is left.</summary>
    public Action? OnReleased { get; set; }

    /// <summary>One more.</summary>
    public void Hold() => Interlocked.Increment(ref _count);

    /// <summary>One fewer.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _count) == 0)
        {
            OnReleased?.Invoke();
        }
    }
}

namespace Link.Streams.Endpoints;

/// <summary>Counts connections up to a limit. Safe for concurrent use.</summary>
/// <param name="max">How many there may be at once.</param>
public sealed class ConnectionLimit(int max)
{
    private int _count;

    /// <summary>How many there may be at once.</summary>
    public int Max => max;

    /// <summary>Takes a place, to be given back by <see cref="Release"/>; false when there is none.</summary>
    /// <param name="spare">How many more than <see cref="Max"/> will do this time.</param>
    public bool TryTake(int spare = 0)
    {
        if (Interlocked.Increment(ref _count) <= (long)max + spare)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Release() => Interlocked.Decrement(ref _count);
}

namespace Link.Streams.Sockets;

/// <summary>The short, jittered pause before something that was busy is tried again.</summary>
internal static class RetryPause
{
    private const double ShortestMilliseconds = 1;
    private const double LongestMilliseconds = 10;

    /// <summary>Waits a random time of 1 to 10 ms, but no longer than <paramref name="atMost"/>.</summary>
    internal static Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        // Random, so that two who collided do not collide again.
        var milliseconds = ShortestMilliseconds + (Random.Shared.NextDouble() * (LongestMilliseconds - ShortestMilliseconds));
        var pause = TimeSpan.FromMilliseconds(milliseconds);
        return Task.Delay(pause < atMost ? pause : atMost, time, cancellationToken);
    }
}

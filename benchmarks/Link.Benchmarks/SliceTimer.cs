using System.Diagnostics;

namespace Link.Benchmarks;

/// <summary>The time one measurement may take, from now on. Safe to share.</summary>
internal sealed class SliceTimer(TimeSpan duration)
{
    public long Start { get; } = Stopwatch.GetTimestamp();

    public long End { get; } = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);

    public bool IsOver => Stopwatch.GetTimestamp() >= End;

    /// <summary>How long it has really been.</summary>
    public double Seconds => Stopwatch.GetElapsedTime(Start).TotalSeconds;
}

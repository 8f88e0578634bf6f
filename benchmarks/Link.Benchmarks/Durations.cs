using System.Diagnostics;

namespace Link.Benchmarks;

/// <summary>Collects how long single round trips took. Allocates at the start only. For one measuring loop at a time.</summary>
internal sealed class Durations
{
    private const int Most = 1 << 20;

    private readonly long[] _ticks = new long[Most];
    private int _count;

    public void Clear() => _count = 0;

    public void Add(long ticks)
    {
        if (_count < Most)
        {
            _ticks[_count++] = ticks;
        }
    }

    /// <summary>Median and 99th percentile in microseconds. Sorts what was collected.</summary>
    public Sample ToSample()
    {
        var taken = _ticks.AsSpan(0, _count);
        taken.Sort();
        return new Sample
        {
            [Values.P50] = Microseconds(Statistics.Percentile(taken, 0.5)),
            [Values.P99] = Microseconds(Statistics.Percentile(taken, 0.99)),
        };
    }

    private static double Microseconds(double ticks) => ticks * 1e6 / Stopwatch.Frequency;
}

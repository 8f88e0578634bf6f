namespace Link.Benchmarks;

/// <summary>The few statistics the harness needs.</summary>
internal static class Statistics
{
    /// <summary>The middle value, or the mean of the two middle ones; not a number when there is none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The value that this share of sorted values does not exceed.</summary>
    public static double Percentile(ReadOnlySpan<long> sorted, double share) =>
        sorted.IsEmpty ? double.NaN : sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)];
}

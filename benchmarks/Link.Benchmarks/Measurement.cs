namespace Link.Benchmarks;

/// <summary>The values one measurement gave in one round, by the names in <see cref="Values"/>.</summary>
internal sealed class Sample : Dictionary<string, double>;

/// <summary>The names of values.</summary>
internal static class Values
{
    /// <summary>Median time in microseconds.</summary>
    public const string P50 = "p50";

    /// <summary>99th percentile of time in microseconds.</summary>
    public const string P99 = "p99";

    /// <summary>Requests per second.</summary>
    public const string Rate = "rate";

    /// <summary>Payload bytes per second, one direction counted, in MB.</summary>
    public const string Megabytes = "megabytes";

    /// <summary>Bytes the client's process allocated per request.</summary>
    public const string ClientBytes = "client bytes";

    /// <summary>Bytes the server's process allocated per request.</summary>
    public const string ServerBytes = "server bytes";

    /// <summary>Managed bytes the server's process holds per connection.</summary>
    public const string Managed = "managed";

    /// <summary>Resident bytes of the server's process per connection.</summary>
    public const string Resident = "resident";
}

/// <summary>Something that can be measured again and again.</summary>
/// <param name="Name">Its name, unique in a run.</param>
/// <param name="MeasureAsync">Measures for about the time given.</param>
/// <param name="OnceOnly">True when it does not depend on what else the machine does: measured in the last round only.</param>
internal sealed record Measurement(string Name, Func<TimeSpan, CancellationToken, Task<Sample>> MeasureAsync, bool OnceOnly = false);

/// <summary>Points at one value of one measurement.</summary>
internal readonly record struct Source(string Measurement, string Value);

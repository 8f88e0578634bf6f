namespace Link.Cli.Commands;

/// <summary>Counts what was asked and answered, and how long answers took. The times of the latest 65,536 are kept for the percentile.</summary>
internal sealed class RoundTrips
{
    private const int Kept = 65_536;

    private readonly List<double> _latest = [];
    private long _lost;
    private double _sum;

    /// <summary>How many requests were sent.</summary>
    public long Sent { get; private set; }

    /// <summary>How many of them were answered.</summary>
    public long Answered { get; private set; }

    /// <summary>How many could not be sent.</summary>
    public long Unsent { get; private set; }

    /// <summary>How many of those sent have failed, in percent.</summary>
    public double LostPercent => Sent == 0 ? 0 : 100.0 * _lost / Sent;

    /// <summary>The shortest time in milliseconds.</summary>
    public double Min { get; private set; } = double.PositiveInfinity;

    /// <summary>The longest time in milliseconds.</summary>
    public double Max { get; private set; }

    /// <summary>The average time in milliseconds.</summary>
    public double Average => Answered == 0 ? 0 : _sum / Answered;

    /// <summary>What 99 of 100 answers did not exceed, in milliseconds.</summary>
    public double Percentile99
    {
        get
        {
            var sorted = _latest.Order().ToList();
            return sorted.Count == 0 ? 0 : sorted[(int)Math.Ceiling(sorted.Count * 0.99) - 1];
        }
    }

    /// <summary>Counts a request that was answered.</summary>
    public void AddAnswered(TimeSpan time)
    {
        var milliseconds = time.TotalMilliseconds;
        if (_latest.Count < Kept)
        {
            _latest.Add(milliseconds);
        }
        else
        {
            _latest[(int)(Answered % Kept)] = milliseconds;
        }

        Sent++;
        Answered++;
        _sum += milliseconds;
        Min = Math.Min(Min, milliseconds);
        Max = Math.Max(Max, milliseconds);
    }

    /// <summary>Counts a request that was sent and has failed.</summary>
    public void AddLost()
    {
        Sent++;
        _lost++;
    }

    /// <summary>Counts a request that was sent and is given up: nobody knows whether it would have been answered.</summary>
    public void AddUnderWay() => Sent++;

    /// <summary>Counts a request that could not be sent.</summary>
    public void AddUnsent() => Unsent++;
}

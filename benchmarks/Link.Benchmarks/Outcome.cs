namespace Link.Benchmarks;

/// <summary>A figure as measured.</summary>
/// <param name="Figure">Which.</param>
/// <param name="Rounds">Link's value and the reference's (not a number when there is none), round by round.</param>
internal sealed record Result(Figure Figure, IReadOnlyList<(double Link, double Reference)> Rounds)
{
    public double Link => Statistics.Median(Rounds.Select(round => round.Link));

    public double Reference => Statistics.Median(Rounds.Select(round => round.Reference));

    /// <summary>The median of the ratios within one round each: what the machine does from one round to the next cancels out.</summary>
    public double Ratio => Statistics.Median(Rounds.Select(round => round.Link / round.Reference));

    /// <summary>Whether the goal is met; null when there is none or it could not be measured.</summary>
    public bool? IsMet
    {
        get
        {
            var value = Figure.Goal is { OfRatio: true } ? Ratio : Link;
            return Figure.Goal is null || double.IsNaN(value) ? null : Figure.Goal.IsMetBy(value);
        }
    }
}

/// <summary>Everything one run has found.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Results">The figures, in the order of the report.</param>
/// <param name="Failures">What could not be measured, and why.</param>
internal sealed record Outcome(Options Options, IReadOnlyList<Result> Results, IReadOnlyDictionary<string, string> Failures);

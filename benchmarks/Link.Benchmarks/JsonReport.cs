using System.Runtime.InteropServices;
using System.Text.Json;

namespace Link.Benchmarks;

/// <summary>The figures for programs: medians and every round.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static string Make(Outcome outcome) => JsonSerializer.Serialize(
        new
        {
            Runtime = RuntimeInformation.FrameworkDescription,
            System = RuntimeInformation.OSDescription,
            Cores = Environment.ProcessorCount,
            outcome.Options.Quick,
            outcome.Options.Rounds,
            SliceMilliseconds = outcome.Options.Slice.TotalMilliseconds,
            Figures = outcome.Results.Select(ToJson),
            outcome.Failures,
        },
        Format) + "\n";

    private static object ToJson(Result result) => new
    {
        result.Figure.Name,
        result.Figure.Unit,
        Link = Known(result.Link),
        ComparedWith = result.Figure.Reference?.Measurement,
        Reference = Known(result.Reference),
        Ratio = Known(result.Ratio),
        Goal = result.Figure.Goal is { } goal ? new { goal.Limit, goal.AtMost, goal.OfRatio } : null,
        result.IsMet,
        Rounds = result.Rounds.Select(round => new { Link = Known(round.Link), Reference = Known(round.Reference) }),
    };

    // JSON has no other way to say that there is no number.
    private static double? Known(double value) => double.IsFinite(value) ? value : null;
}

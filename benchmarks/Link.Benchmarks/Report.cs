using System.Globalization;
using System.Runtime.InteropServices;

namespace Link.Benchmarks;

/// <summary>The table for people.</summary>
internal static class Report
{
    public static void Print(TextWriter output, Outcome outcome)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores{Load()}, "
            + $"{outcome.Options.Rounds} rounds of {outcome.Options.Slice.TotalMilliseconds} ms, medians; two processes (three with a bridge), one Unix socket unless said, payload {Payloads.SmallBytes} B unless said."));
        output.WriteLine();
        Print(output, ["figure", "Link", "compared with", "ratio", "goal"], [.. outcome.Results.Select(Row)]);
        foreach (var (name, problem) in outcome.Failures)
        {
            output.WriteLine($"Failed: {name}: {problem}");
        }
    }

    /// <summary>How many threads wanted to run in the last minute, where the system tells: ratios hold on a quiet machine only.</summary>
    private static string Load() =>
        File.Exists("/proc/loadavg") ? $" (load {File.ReadAllText("/proc/loadavg").Split(' ')[0]})" : "";

    private static string[] Row(Result result) =>
    [
        result.Figure.Name,
        $"{Number(result.Link)} {result.Figure.Unit}",
        result.Figure.Reference is not { } reference ? "" : double.IsNaN(result.Reference)
            ? $"({reference.Measurement}: not measured)"
            : $"{Number(result.Reference)} ({reference.Measurement})",
        double.IsNaN(result.Ratio) ? "" : result.Ratio.ToString("0.00", CultureInfo.InvariantCulture),
        Goal(result),
    ];

    private static string Goal(Result result)
    {
        if (result.Figure.Goal is not { } goal)
        {
            return "";
        }

        var outcome = result.IsMet switch { true => "met", false => "NOT MET", null => "not measured" };
        var unit = goal.OfRatio ? "" : $" {result.Figure.Unit}";
        return string.Create(CultureInfo.InvariantCulture, $"{(goal.AtMost ? "at most" : "at least")} {goal.Limit}{unit}: {outcome}");
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture);

    private static void Print(TextWriter output, string[] header, string[][] rows)
    {
        string[][] all = [header, .. rows];
        var widths = header.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
        {
            output.WriteLine("| " + string.Join(" | ", row.Select((cell, column) => Pad(cell, widths[column], column is 1 or 3))) + " |");
            if (row == header)
            {
                output.WriteLine("|" + string.Join("|", widths.Select((width, column) => new string('-', width + 1) + (column is 1 or 3 ? ":" : "-"))) + "|");
            }
        }
    }

    private static string Pad(string cell, int width, bool right) => right ? cell.PadLeft(width) : cell.PadRight(width);
}

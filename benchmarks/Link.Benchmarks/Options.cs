using System.Diagnostics.CodeAnalysis;

namespace Link.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    public const string Usage = """
        Usage: dotnet run -c Release --project benchmarks/Link.Benchmarks -- [options]
          --quick       Few and short rounds: done in a minute.
          --with-node   Also measure the original's form on node-ipc (needs node and npm).
          --only TEXT   Only the figures whose name contains the text. May be given more than once.
          --json FILE   Write all figures, with every round, to the file.
          --parts       Measure single parts with BenchmarkDotNet instead; --only chooses among them.
        """;

    public bool Quick { get; init; }

    public bool WithNode { get; init; }

    public bool Parts { get; init; }

    public string? JsonFile { get; init; }

    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>How many times everything is measured: many short rounds rather than few long ones, because machines are noisy.</summary>
    public int Rounds => Quick ? 5 : 15;

    /// <summary>How long one measurement of one round takes.</summary>
    public TimeSpan Slice => TimeSpan.FromMilliseconds(Quick ? 150 : 450);

    /// <summary>How long each measurement runs before the rounds that count, so that the runtime has compiled what is hot.</summary>
    public TimeSpan WarmUp => TimeSpan.FromMilliseconds(Quick ? 350 : 1000);

    public static bool TryParse(string[] arguments, out Options options, [NotNullWhen(false)] out string? problem)
    {
        options = new Options();
        problem = null;
        for (var index = 0; index < arguments.Length; index++)
        {
            var argument = arguments[index];
            var value = argument is "--only" or "--json" && index + 1 < arguments.Length ? arguments[++index] : null;
            switch (argument)
            {
                case "--quick":
                    options = options with { Quick = true };
                    break;
                case "--with-node":
                    options = options with { WithNode = true };
                    break;
                case "--parts":
                    options = options with { Parts = true };
                    break;
                case "--json" when value is not null:
                    options = options with { JsonFile = value };
                    break;
                case "--only" when value is not null:
                    options = options with { Only = [.. options.Only, value] };
                    break;
                default:
                    problem = $"Not understood: {argument}";
                    return false;
            }
        }

        if (!options.Parts && !Figures.All.Any(options.Wants))
        {
            problem = "No figure has such a name.";
            return false;
        }

        return true;
    }

    /// <summary>Whether a figure is asked for.</summary>
    public bool Wants(Figure figure) =>
        Only.Count == 0 || Only.Any(text => figure.Name.Contains(text, StringComparison.OrdinalIgnoreCase));
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Link.Cli.Arguments;

/// <summary>Options that several commands have. Each command makes its own, except for the first.</summary>
internal static class CommonOptions
{
    /// <summary>Every command has this one.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Print one JSON object per line, errors too", Recursive = true };

    /// <summary>How long an answer may take.</summary>
    public static Option<Duration> Timeout(double seconds, string description = "How long an answer may take, connecting included") => new("--timeout")
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = Duration.Parse,
        DefaultValueFactory = _ => Duration.Seconds(seconds),
    };

    /// <summary>How many of something: 1 or more.</summary>
    public static Option<int?> Count(string name, string description, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = "NUMBER",
        CustomParser = ParseCount,
    };

    /// <summary>The name of this program among the peers.</summary>
    public static Option<string?> Name() => new("--name") { Description = "The own name, which the peer is told; at a bridge it is registered [default: link- and the process id; at a bridge, a new uuid]", HelpName = "NAME" };

    /// <summary>What that option says.</summary>
    public static string NameOf(ParseResult arguments, Option<string?> name) =>
        arguments.GetValue(name) ?? string.Create(CultureInfo.InvariantCulture, $"link-{Environment.ProcessId}");

    /// <summary>A file.</summary>
    public static Option<FileInfo> File(string name, string description) =>
        new Option<FileInfo>(name) { Description = description, HelpName = "FILE" }.AcceptExistingOnly();

    private static int? ParseCount(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
        {
            return count;
        }

        result.AddError($"'{text}' is no number of 1 or more.");
        return null;
    }
}

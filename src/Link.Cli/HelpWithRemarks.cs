using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Link.Cli.Commands;

namespace Link.Cli;

/// <summary>The help of a command with what it says of itself below it.</summary>
/// <param name="help">What writes the rest.</param>
internal sealed class HelpWithRemarks(HelpAction help) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => help.ClearsParseErrors;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var (configuration, output) = (parseResult.InvocationConfiguration, parseResult.InvocationConfiguration.Output);
        using var text = new StringWriter();
        configuration.Output = text;
        var result = help.Invoke(parseResult);
        configuration.Output = output;
        var command = parseResult.CommandResult.Command;
        output.Write(command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues == 0).Aggregate(text.ToString(), Bracket));
        output.WriteLine((command as LinkCommand)?.Remarks);
        return result;
    }

    // What may be left out stands in brackets, below the usage as well.
    private static string Bracket(string text, Argument argument)
    {
        var (usual, bracketed) = ($"<{argument.Name}>", $"[{argument.Name}]");
        return text
            .Replace($"[{usual}...]", bracketed, StringComparison.Ordinal)
            .Replace($"[{usual}]", bracketed, StringComparison.Ordinal)
            .Replace(usual, bracketed, StringComparison.Ordinal);
    }
}

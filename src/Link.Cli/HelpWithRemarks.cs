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
        var result = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is LinkCommand command)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(command.Remarks);
        }

        return result;
    }
}

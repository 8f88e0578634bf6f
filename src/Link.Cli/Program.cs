using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Link.Cli.Arguments;
using Link.Cli.Commands;
using Link.Cli.Reporting;

namespace Link.Cli;

/// <summary>The <c>link</c> command line (docs/command-line.md).</summary>
internal static class Program
{
    private static readonly InvocationConfiguration Configuration = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    private static async Task<int> Main(string[] arguments)
    {
        // An argument that begins with @ is data, not the name of a file with further arguments.
        var parsed = CreateRoot().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            return Refuse(parsed, string.Join(" ", parsed.Errors.Select(error => error.Message.TrimEnd('.') + ".")));
        }

        if (parsed.Action == parsed.CommandResult.Command.Action && UnknownOptions.FindFirst(parsed) is { } unknown)
        {
            return Refuse(parsed, $"There is no option {unknown}; data that begins with a dash stands after --.");
        }

        try
        {
            return await parsed.InvokeAsync(Configuration).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Help, whose output cannot be written; the commands have caught theirs.
            return Fail(parsed, Failure.Of(exception));
        }
    }

    private static RootCommand CreateRoot()
    {
        var root = new RootCommand("Asks peers of Link by name, lists those of this machine, and runs and uses a bridge of flic.")
        {
            new CallCommand(),
            new PingCommand(),
            new LsCommand(),
            new BridgeCommand(),
            new TellCommand(),
            new ShoutCommand(),
            new CompletionCommand(),
            CommonOptions.Json,
        };

        // Without the aliases of Windows, which would be noise in each completion.
        root.Options.Remove(root.Options.OfType<HelpOption>().Single());
        root.Add(new HelpOption("--help", ["-h"]) { Action = new HelpWithRemarks(new HelpAction()) });
        return root;
    }

    private static int Refuse(ParseResult parsed, string why)
    {
        var command = parsed.CommandResult.Command is LinkCommand { Name: var name } ? $"link {name}" : "link";
        return Fail(parsed, Failure.Usage($"{why} See {command} --help."));
    }

    private static int Fail(ParseResult parsed, Failure failure)
    {
        var output = new Output(ConsoleWriter.ForOutput(), ConsoleWriter.ForError(), parsed.GetValue(CommonOptions.Json));
        output.WriteError(failure);
        return (int)failure.Code;
    }
}

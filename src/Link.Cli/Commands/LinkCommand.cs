using System.CommandLine;
using Link.Cli.Arguments;
using Link.Cli.Reporting;

namespace Link.Cli.Commands;

/// <summary>One command: however it ends, it ends with an exit code, and with one line on stderr if that is not 0.</summary>
internal abstract class LinkCommand : Command
{
    /// <summary>Makes a command.</summary>
    protected LinkCommand(string name, string description)
        : base(name, description) => SetAction(RunAsync);

    /// <summary>What <c>--help</c> says below the options: examples, and what the command does to others.</summary>
    public abstract string Remarks { get; }

    /// <summary>Does it.</summary>
    protected abstract Task<ExitCode> RunAsync(ParseResult arguments, Output output, CancellationToken cancellationToken);

    private async Task<int> RunAsync(ParseResult arguments)
    {
        var output = new Output(ConsoleWriter.ForOutput(), ConsoleWriter.ForError(), arguments.GetValue(CommonOptions.Json));
        using var interruption = new Interruption();
        try
        {
            return (int)await RunAsync(arguments, output, interruption.Token).ConfigureAwait(false);
        }
        catch (OutputClosedException)
        {
            return (int)ExitCode.OutputClosed;
        }
        catch (Exception exception)
        {
            var failure = Failure.Of(exception);
            output.WriteError(failure);
            return (int)failure.Code;
        }
    }
}

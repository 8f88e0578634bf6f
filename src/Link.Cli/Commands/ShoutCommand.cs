using System.CommandLine;
using Link.Cli.Arguments;
using Link.Cli.Reporting;

namespace Link.Cli.Commands;

/// <summary>Tells all nodes of flic an event.</summary>
internal sealed class ShoutCommand : LinkCommand
{
    private readonly Argument<string> _event = new("EVENT") { Description = "The name of the event" };
    private readonly Argument<string[]> _arguments = new("JSON...") { Description = "The arguments; one that is not JSON is taken as a string", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<Duration> _timeout = CommonOptions.Timeout(5, "How long the bridge may take to take it");
    private readonly NodeSwitches _node = new();

    /// <summary>Makes the command.</summary>
    public ShoutCommand()
        : base("shout", "Tells all nodes of a flic bridge an event. Nobody answers.")
    {
        Add(_event);
        Add(_arguments);
        Add(_timeout);
        _node.AddTo(this);
    }

    /// <inheritdoc/>
    public override string Remarks => """
        Examples:
          link shout reload
          link shout price '{"of":"tea"}' 3.5 --bridge 10.0.0.2:8221

        Exit codes:
          0    the bridge has it
          2    the command line makes no sense
          3-6  it has not: as for link tell
          130  interrupted
          141  nobody reads the output any more
        """;

    /// <inheritdoc/>
    protected override async Task<ExitCode> RunAsync(ParseResult arguments, Output output, CancellationToken cancellationToken)
    {
        object?[] values = [.. arguments.GetRequiredValue(_arguments).Select(JsonInput.ToToken)];
        var node = await _node.ConnectAsync(arguments, arguments.GetValue(_timeout).Value, cancellationToken).ConfigureAwait(false);
        await using (node.ConfigureAwait(false))
        {
            await node.ShoutAsync(arguments.GetRequiredValue(_event), values).WaitAsync(cancellationToken).ConfigureAwait(false);

            // The bridge acknowledges the end after what came before it.
            await node.LeaveAsync().ConfigureAwait(false);
        }

        output.WriteJson(members => members.WriteString("outcome", "sent"));
        return ExitCode.Done;
    }
}

using System.CommandLine;
using Link.Abstractions;
using Link.Cli.Arguments;
using Link.Cli.Reporting;
using Link.Flic;
using Newtonsoft.Json;

namespace Link.Cli.Commands;

/// <summary>Tells one node of flic an event and prints its answer.</summary>
internal sealed class TellCommand : LinkCommand
{
    private readonly Argument<string> _target = new("NODE:EVENT") { Description = "The name of the node and of the event" };
    private readonly Argument<string[]> _arguments = new("JSON...") { Description = "The arguments; one that is not JSON is taken as a string", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<Duration> _timeout = CommonOptions.Timeout(30, "How long the answer may take");
    private readonly Option<bool> _noWait = new("--no-wait") { Description = "Wait for no answer, except the bridge's that there is no such node" };
    private readonly NodeSwitches _node = new();

    /// <summary>Makes the command.</summary>
    public TellCommand()
        : base("tell", "Tells one node of a flic bridge an event, and prints the arguments of its answer, one per line.")
    {
        Add(_target);
        Add(_arguments);
        Add(_timeout);
        Add(_noWait);
        _node.AddTo(this);
    }

    /// <inheritdoc/>
    public override string Remarks => """
        An answer begins with an error or null. The error is told on stderr; what follows null is printed.

        Examples:
          link tell node2:someevent '{"a":1}' 2 hello
          link tell node2:someevent --timeout 500ms --json
          link tell node2:someevent '"5"' --no-wait --bridge 10.0.0.2:8221
          link tell node2:someevent -- --this-is-data

        Exit codes:
          0    the node answered without an error; with --no-wait, the bridge has it
          1    the node answered with an error
          2    the command line makes no sense
          3    there is no such node, or no bridge
          4    no answer in time
          5    the node, or the bridge, was lost
          6    anything else, such as a name that is taken
          130  interrupted
          141  nobody reads the output any more
        """;

    /// <inheritdoc/>
    protected override async Task<ExitCode> RunAsync(ParseResult arguments, Output output, CancellationToken cancellationToken)
    {
        var target = arguments.GetRequiredValue(_target);
        object?[] values = [.. arguments.GetRequiredValue(_arguments).Select(JsonInput.ToToken)];
        var node = await _node.ConnectAsync(arguments, arguments.GetValue(_timeout).Value, cancellationToken).ConfigureAwait(false);
        await using (node.ConfigureAwait(false))
        {
            if (arguments.GetValue(_noWait))
            {
                await TellAndLeaveAsync(node, target, values, cancellationToken).ConfigureAwait(false);
                output.WriteJson(members => members.WriteString("outcome", "sent"));
                return ExitCode.Done;
            }

            return await TellAsync(node, target, values, output, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tells, and is told by the bridge alone: it answers the end after what came before it, and so after that there is no such node.</summary>
    private static async Task TellAndLeaveAsync(FlicNode node, string target, object?[] values, CancellationToken cancellationToken)
    {
        LinkException? refusal = null;
        node.Error += (_, failure) => refusal = failure.Error is LinkException { Error: LinkError.NoSuchPeer } error ? error : refusal;
        await node.TellAndForgetAsync(target, values, cancellationToken).ConfigureAwait(false);
        await node.LeaveAsync().ConfigureAwait(false);

        // Errors are raised before the disposal has ended.
        await node.DisposeAsync().ConfigureAwait(false);
        if (refusal is not null)
        {
            throw refusal;
        }
    }

    private static async Task<ExitCode> TellAsync(FlicNode node, string target, object?[] values, Output output, CancellationToken cancellationToken)
    {
        try
        {
            Print(output, await node.TellAsync(target, values, cancellationToken).ConfigureAwait(false));
            return ExitCode.Done;
        }
        catch (FlicException exception)
        {
            output.WriteJson(members =>
            {
                members.WriteString("outcome", "rejected");
                members.WritePropertyName("reason");
                members.WriteRawValue(exception.Error.ToString(Formatting.None), skipInputValidation: true);
            });
            output.WriteError(new Failure(ExitCode.Rejected, nameof(ExitCode.Rejected), exception.Message));
            return ExitCode.Rejected;
        }
    }

    private static void Print(Output output, FlicArguments answer)
    {
        output.WriteJson(members =>
        {
            members.WriteString("outcome", "answered");
            members.WritePropertyName("arguments");
            members.WriteRawValue(answer.ToString(), skipInputValidation: true);
        });
        for (var index = 0; index < answer.Count && !output.IsJson; index++)
        {
            output.WriteText(answer[index].ToString(Formatting.None));
        }
    }
}

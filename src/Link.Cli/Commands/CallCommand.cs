using System.CommandLine;
using Link.Cli.Arguments;
using Link.Cli.Reporting;

namespace Link.Cli.Commands;

/// <summary>Sends one request and prints the reply.</summary>
internal sealed class CallCommand : LinkCommand
{
    private readonly Argument<string> _peer = new("PEER") { Description = "The name of the peer" };
    private readonly Argument<string> _data = new("JSON") { Description = "What is sent: an object or an array; - reads it from standard input" };
    private readonly Option<Duration> _timeout = CommonOptions.Timeout(30);
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait for a peer that is not there yet, as long as --timeout says" };
    private readonly TransportSwitches _transport = new();

    /// <summary>Makes the command.</summary>
    public CallCommand()
        : base("call", "Sends one request and prints the reply as JSON.")
    {
        Add(_peer);
        Add(_data);
        Add(_timeout);
        Add(_wait);
        _transport.AddTo(this, _peer);
    }

    /// <inheritdoc/>
    public override string Remarks => """
        Over flic:// the peer is told who asks only with --name, which registers that name at the bridge as long as the call
        takes; without it, who asks is a new uuid. A name that is taken is an error.

        Examples:
          link call world '{"content":"Hello"}'
          link call world '{"content":"Hello"}' --timeout 500ms --wait
          link call world '{"content":"Hello"}' --transport tcp://10.0.0.2:8000
          link call world '{"content":"Hello"}' --transport flic://127.0.0.1:8221 --name me
          link call world '{"content":"Hello"}' --transport tls://world.example:8000 --ca ca.pem
          echo '{"content":"Hello"}' | link call world - --json

        Exit codes:
          0    the peer replied
          1    the peer rejected the request; its reply is printed all the same
          2    the command line makes no sense, or the JSON is none
          3    nobody answers to that name
          4    no reply in time
          5    the connection was lost
          6    anything else, such as a peer that is not trusted
          130  interrupted
          141  nobody reads the output any more
        """;

    /// <inheritdoc/>
    protected override async Task<ExitCode> RunAsync(ParseResult arguments, Output output, CancellationToken cancellationToken)
    {
        var peer = arguments.GetRequiredValue(_peer);
        var data = await JsonInput.ReadAsync(arguments.GetRequiredValue(_data), cancellationToken).ConfigureAwait(false);
        var server = await _transport
            .CreateServerAsync(arguments, peer, arguments.GetValue(_timeout).Value, arguments.GetValue(_wait), cancellationToken).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            try
            {
                Print(output, "replied", await server.SendAsync(peer, data, cancellationToken: cancellationToken).ConfigureAwait(false));
                return ExitCode.Done;
            }
            catch (RejectedException rejection)
            {
                Print(output, "rejected", rejection.Reply);
                output.WriteError(new Failure(ExitCode.Rejected, nameof(ExitCode.Rejected), rejection.Message));
                return ExitCode.Rejected;
            }
        }
    }

    private static void Print(Output output, string outcome, Reply reply) => output.Write(
        reply.ToString(),
        members =>
        {
            members.WriteString("outcome", outcome);
            members.WritePropertyName("reply");
            members.WriteRawValue(reply.Payload.Utf8.Span, skipInputValidation: true);
        });
}

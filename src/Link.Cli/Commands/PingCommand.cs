using System.CommandLine;
using System.Diagnostics;
using Link.Abstractions;
using Link.Cli.Arguments;
using Link.Cli.Reporting;

namespace Link.Cli.Commands;

/// <summary>Sends a request per interval and tells how long the answers take.</summary>
internal sealed class PingCommand : LinkCommand
{
    private readonly Argument<string> _peer = new("PEER") { Description = "The name of the peer" };

    private readonly Option<int?> _count = CommonOptions.Count("--count", "How many requests to send; without it, until Ctrl-C", "-c");

    private readonly Option<Duration> _interval = new("--interval", "-i")
    {
        Description = "From one request to the next; 0: the next as soon as the last has ended",
        HelpName = "TIME",
        CustomParser = Duration.ParseOrZero,
        DefaultValueFactory = _ => Duration.Seconds(1),
    };

    private readonly Option<Duration> _timeout = CommonOptions.Timeout(5);
    private readonly Option<string?> _data = new("--data") { Description = "What is sent, instead of {\"ping\":n}", HelpName = "JSON" };
    private readonly TransportSwitches _transport = new();

    /// <summary>Makes the command.</summary>
    public PingCommand()
        : base("ping", "Sends a request per interval and tells how long the answers take. The peer's handler sees these requests.")
    {
        Add(_peer);
        Add(_count);
        Add(_interval);
        Add(_timeout);
        Add(_data);
        _transport.AddTo(this, _peer);
    }

    /// <inheritdoc/>
    public override string Remarks => """
        The protocol has no ping of its own: these are requests like any other, {"ping":1} and so on, and the peer's handler
        sees them. Any reply counts as an answer, a rejection too. One request is under way at a time. The time is that of
        the round trip, without connecting. A request that could not be sent, as nobody is there, is counted apart; one that
        Ctrl-C ends counts as sent, and not as lost. Over flic:// --name is as for link call.

        Examples:
          link ping world
          link ping world --count 100 --interval 10ms
          link ping world --data '{"health":true}' --json

        Exit codes:
          0    there was an answer
          2    the command line makes no sense
          3-6  there was none: how the last request ended, as for link call
          130  interrupted before there was an answer
          141  nobody reads the output any more
        """;

    /// <inheritdoc/>
    protected override async Task<ExitCode> RunAsync(ParseResult arguments, Output output, CancellationToken cancellationToken)
    {
        var peer = arguments.GetRequiredValue(_peer);
        var data = arguments.GetValue(_data) is { } given ? await JsonInput.ReadAsync(given, cancellationToken).ConfigureAwait(false) : (Payload?)null;
        var report = new PingReport(output, peer);
        var server = await _transport
            .CreateServerAsync(arguments, peer, arguments.GetValue(_timeout).Value, isAwaited: false, cancellationToken).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            try
            {
                var count = arguments.GetValue(_count);
                for (var n = 1L; n <= (count ?? long.MaxValue); n++)
                {
                    var start = Stopwatch.GetTimestamp();
                    await AskAsync(server, peer, data ?? Payload.FromJson($"{{\"ping\":{n}}}"), n, report, cancellationToken).ConfigureAwait(false);
                    var left = arguments.GetValue(_interval).Value - Stopwatch.GetElapsedTime(start);
                    if (n != count && left > TimeSpan.Zero)
                    {
                        await Task.Delay(left, TimeProvider.System, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Ctrl-C is how a ping without a count ends.
            }
        }

        return report.End();
    }

    private static async Task AskAsync(Server server, string peer, Payload data, long n, PingReport report, CancellationToken cancellationToken)
    {
        try
        {
            var to = await server.ConnectToAsync(peer, cancellationToken).ConfigureAwait(false);
            var start = Stopwatch.GetTimestamp();
            try
            {
                await server.SendAsync(peer, data, cancellationToken: cancellationToken).ConfigureAwait(false);
                report.Answered(n, to, "replied", Stopwatch.GetElapsedTime(start));
            }
            catch (RejectedException)
            {
                report.Answered(n, to, "rejected", Stopwatch.GetElapsedTime(start));
            }
        }
        catch (LinkException exception)
        {
            report.Failed(n, Failure.Of(exception));
        }
        catch (OperationCanceledException exception) when (exception.InnerException is LinkException { Fate: not RequestFate.NotSent })
        {
            report.LeftUnderWay();
            throw;
        }
    }
}

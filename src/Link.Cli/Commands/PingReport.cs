using System.Globalization;
using Link.Abstractions;
using Link.Cli.Reporting;

namespace Link.Cli.Commands;

/// <summary>What a ping prints.</summary>
/// <param name="output">Where.</param>
/// <param name="peer">The name that is asked.</param>
internal sealed class PingReport(Output output, string peer)
{
    private readonly RoundTrips _trips = new();
    private ExitCode _last = ExitCode.Interrupted;

    /// <summary>A request was answered.</summary>
    public void Answered(long n, Peer from, string outcome, TimeSpan time)
    {
        _trips.AddAnswered(time);
        output.Write(
            $"{outcome} by {from}: n={n} time={Text(time.TotalMilliseconds)} ms",
            members =>
            {
                members.WriteNumber("n", n);
                members.WriteString("outcome", outcome);
                members.WriteNumber("ms", Round(time.TotalMilliseconds));
            });
    }

    /// <summary>A request was not answered, or could not even be sent.</summary>
    public void Failed(long n, Failure failure)
    {
        var isSent = failure.Fate != RequestFate.NotSent;
        if (isSent)
        {
            _trips.AddLost();
        }
        else
        {
            _trips.AddUnsent();
        }

        _last = failure.Code;
        output.WriteBad(
            $"{(isSent ? "no answer" : "not sent")}: n={n} {failure.Message}",
            members =>
            {
                members.WriteNumber("n", n);
                members.WriteString("outcome", isSent ? "lost" : "unsent");
                Output.Describe(members, failure);
            });
    }

    /// <summary>A request was sent, and its answer is waited for no longer.</summary>
    public void LeftUnderWay() => _trips.AddUnderWay();

    /// <summary>Prints the summary.</summary>
    public ExitCode End()
    {
        output.Write(
            $"--- {peer}: {_trips.Sent} sent, {_trips.Answered} answered, {Text(_trips.LostPercent, "0.#")}% lost{Unsent()}{Times()}",
            members =>
            {
                members.WriteNumber("sent", _trips.Sent);
                members.WriteNumber("answered", _trips.Answered);
                members.WriteNumber("lostPercent", Round(_trips.LostPercent));
                members.WriteNumber("unsent", _trips.Unsent);
                if (_trips.Answered > 0)
                {
                    members.WriteNumber("minMs", Round(_trips.Min));
                    members.WriteNumber("avgMs", Round(_trips.Average));
                    members.WriteNumber("maxMs", Round(_trips.Max));
                    members.WriteNumber("p99Ms", Round(_trips.Percentile99));
                }
            });
        return _trips.Answered > 0 ? ExitCode.Done : _last;
    }

    private string Unsent() => _trips.Unsent == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {_trips.Unsent} not sent");

    private string Times() => _trips.Answered == 0
        ? ""
        : $"; min/avg/max/p99 {Text(_trips.Min)}/{Text(_trips.Average)}/{Text(_trips.Max)}/{Text(_trips.Percentile99)} ms";

    private static double Round(double value) => Math.Round(value, 3);

    private static string Text(double value, string format = "0.000") => value.ToString(format, CultureInfo.InvariantCulture);
}

using System.Text.Json.Nodes;
using Link.Cli.Commands;
using Link.Testing;
using Link.Tests.Faults;

namespace Link.Tests.Cli;

public sealed class PingTests : IAsyncLifetime
{
    private readonly Bench _bench = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _bench.DisposeAsync().AsTask();

    [Fact]
    public async Task Each_answer_has_a_line_and_all_have_a_summary()
    {
        await _bench.StartEchoAsync("world");

        var ending = await PingAsync("--count", "3", "--interval", "1ms");

        Assert.Equal((0, ""), (ending.Code, ending.Errors));
        Assert.Matches(
            $@"\A(replied by world \(unix:{_bench.PathOf("world")}, pid {Environment.ProcessId}\): n=[123] time=\d+\.\d{{3}} ms\n){{3}}" +
            @"--- world: 3 sent, 3 answered, 0% lost; min/avg/max/p99 (\d+\.\d{3}[/ ]){4}ms\z",
            ending.Output);
    }

    [Fact]
    public async Task With_json_each_line_is_an_object()
    {
        await _bench.StartEchoAsync("world");

        var ending = await PingAsync("--count", "2", "--interval", "0", "--json");

        var lines = ending.Output.Split('\n').Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.Equal([1, 2], lines[..2].Select(line => (int)line["n"]!));
        Assert.All(lines[..2], line => Assert.Equal("replied", (string?)line["outcome"]));
        Assert.Equal((2, 2, 0), ((int)lines[2]["sent"]!, (int)lines[2]["answered"]!, (int)lines[2]["lostPercent"]!));
        Assert.All(["minMs", "avgMs", "maxMs", "p99Ms"], name => Assert.True((double)lines[2][name]! > 0));
    }

    [Fact]
    public async Task The_peer_sees_which_request_it_is()
    {
        var seen = new List<string>();
        await _bench.StartAsync("world", message =>
        {
            seen.Add(message.Data.ToString(Newtonsoft.Json.Formatting.None));
            return message.ReplyAsync(new { });
        });

        await PingAsync("--count", "2", "--interval", "0");
        await PingAsync("--count", "1", "--data", "[7]");

        Assert.Equal(["""{"ping":1}""", """{"ping":2}""", "[7]"], seen);
    }

    [Fact]
    public async Task A_rejection_is_an_answer()
    {
        await _bench.StartAsync("world", message => message.ReplyAsync(new { }, success: false));

        var ending = await PingAsync("--count", "1");

        Assert.Equal(0, ending.Code);
        Assert.StartsWith("rejected by world", ending.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_that_nobody_answers_are_lost_and_tell_how()
    {
        await _bench.StartAsync("world", _ => { });

        var ending = await PingAsync("--count", "2", "--timeout", "50ms", "--interval", "0");

        Assert.Equal(4, ending.Code);
        Assert.Equal(2, ending.Output.Split('\n').Count(line => line.StartsWith("no answer: n=", StringComparison.Ordinal)));
        Assert.EndsWith("--- world: 2 sent, 0 answered, 100% lost", ending.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_is_not_there_is_asked_all_the_same_as_it_may_come()
    {
        var ending = await PingAsync("--count", "2", "--interval", "0");

        Assert.Equal(3, ending.Code);
        Assert.EndsWith("0 sent, 0 answered, 0% lost, 2 not sent", ending.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_could_not_be_sent_is_not_lost()
    {
        var ending = await PingAsync("--count", "1", "--json");

        var lines = ending.Output.Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(("unsent", "NotSent"), ((string?)lines[0]["outcome"], (string?)lines[0]["fate"]));
        Assert.Equal((0, 0, 1), ((int)lines[1]["sent"]!, (int)lines[1]["lostPercent"]!, (int)lines[1]["unsent"]!));
    }

    [Fact]
    public async Task A_request_under_way_when_it_is_interrupted_was_sent_and_is_not_lost()
    {
        var asked = new TaskCompletionSource();
        await _bench.StartAsync("world", _ => asked.TrySetResult());
        await using var program = Start();
        await Within.Deadline(asked.Task);

        await program.SignalAsync("INT");

        Assert.Equal(new Ending(130, "--- world: 1 sent, 0 answered, 0% lost", ""), await program.ExitAsync());
    }

    [Fact]
    public async Task Without_a_count_it_goes_on_until_it_is_interrupted()
    {
        await _bench.StartEchoAsync("world");
        await using var program = Start("--interval", "1ms");
        await program.ReadLineAsync();
        await program.ReadLineAsync();

        await program.SignalAsync("INT");

        var ending = await program.ExitAsync();
        Assert.Equal((0, ""), (ending.Code, ending.Errors));
        Assert.Contains("--- world: ", ending.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_ends_when_nobody_reads_it_any_more()
    {
        await _bench.StartEchoAsync("world");
        await using var program = Start("--interval", "1ms");
        await program.ReadLineAsync();

        program.CloseOutput();

        Assert.Equal(141, await program.ExitUnreadAsync());
    }

    [Fact]
    public void The_percentile_is_what_99_of_100_do_not_exceed()
    {
        var trips = new RoundTrips();
        foreach (var milliseconds in Enumerable.Range(1, 200))
        {
            trips.AddAnswered(TimeSpan.FromMilliseconds(milliseconds));
        }

        trips.AddLost();

        Assert.Equal((201, 200), (trips.Sent, trips.Answered));
        Assert.Equal((1, 100.5, 200, 198), (trips.Min, trips.Average, trips.Max, trips.Percentile99));
        Assert.Equal(0.498, trips.LostPercent, 3);
    }

    [Fact]
    public void Of_very_many_times_the_latest_are_kept_for_the_percentile()
    {
        var trips = new RoundTrips();
        foreach (var milliseconds in Enumerable.Repeat(1000, 70_000).Concat(Enumerable.Repeat(1, 65_536)))
        {
            trips.AddAnswered(TimeSpan.FromMilliseconds(milliseconds));
        }

        Assert.Equal((1, 1000), (trips.Percentile99, trips.Max));
    }

    private Task<Ending> PingAsync(params string[] more) => LinkProgram.RunAsync(Arguments(more));

    private LinkProgram Start(params string[] more) => LinkProgram.Start(Arguments(more));

    private string[] Arguments(string[] more) => ["ping", "world", "--socket-root", _bench.Directory.Path, .. more];
}

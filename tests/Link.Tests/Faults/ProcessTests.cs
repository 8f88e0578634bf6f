using System.Diagnostics;
using System.Runtime.Versioning;
using Link.Abstractions;
using Link.Testing;
using Xunit.Abstractions;

namespace Link.Tests.Faults;

/// <summary>Peers that are killed, restarted and frozen.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ProcessTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Kill_9_of_the_peer_with_1_000_requests_pending_fails_all_as_connection_lost()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        var events = new Recorder(server);
        await using var host = await HostProcess.StartAsync(bench, "host");
        var pending = Enumerable.Range(0, 1000).Select(_ => server.SendAsync("host", new { silent = true })).ToList();
        Assert.Equal(host.ProcessId, (int?)(await Within.Deadline(server.SendAsync("host", new { })))["pid"]);
        Assert.Equal(1000, server.Statistics.PendingRequests);

        // The moments they failed, apart from what the checks of this test take.
        var failed = pending.Select(promise => promise.ContinueWith(
            _ => Stopwatch.GetTimestamp(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)).ToList();
        var start = Stopwatch.GetTimestamp();
        host.Kill();
        var moments = (await Within.Deadline(Task.WhenAll(failed))).Select(moment => Stopwatch.GetElapsedTime(start, moment).TotalMilliseconds).Order().ToList();
        output.WriteLine($"The first failed {moments[0]:0.0} ms after the kill, the last {moments[^1]:0.0} ms.");
        var outcomes = await Within.Deadline(Task.WhenAll(pending.Select(OutcomeAsync)));
        Assert.All(outcomes, outcome => Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), outcome));
        Assert.Equal("host", (await events.NextDisconnectedAsync()).Peer.Name);
        Assert.Equal(0, server.Statistics.PendingRequests);
        Assert.Empty(server.Peers);
    }

    [Fact]
    public async Task After_a_restart_of_the_peer_the_next_send_works()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        await using (var host = await HostProcess.StartAsync(bench, "host"))
        {
            var pending = server.SendAsync("host", new { silent = true });
            await Within.Deadline(server.SendAsync("host", new { }));
            host.Kill();
            Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), await OutcomeAsync(pending));
        }

        // Its socket file is still there, and nobody listens.
        Assert.True(File.Exists(bench.PathOf("host")));
        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), await OutcomeAsync(server.SendAsync("host", new { })));

        await using var again = await HostProcess.StartAsync(bench, "host");
        Assert.Equal(again.ProcessId, (int?)(await Within.Deadline(server.SendAsync("host", new { })))["pid"]);
        Assert.Equal(0, await again.EndAsync());
        Assert.False(File.Exists(bench.PathOf("host")));
    }

    [Fact]
    public async Task A_call_that_waits_for_its_peer_is_answered_by_the_restarted_one()
    {
        await using var bench = new Bench();
        var server = bench.Create("server", options => options with { WaitForPeer = Within.Default, Retry = TimeSpan.FromMilliseconds(20) });
        var waiting = server.SendAsync("host", new { });
        Assert.False(waiting.IsCompleted);
        await using var host = await HostProcess.StartAsync(bench, "host");
        Assert.Equal(host.ProcessId, (int?)(await Within.Deadline(waiting))["pid"]);
    }

    [Fact]
    public async Task A_peer_that_is_stopped_times_out_and_one_that_is_continued_goes_on()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        await using var host = await HostProcess.StartAsync(bench, "host");
        await Within.Deadline(server.SendAsync("host", new { }));

        await host.FreezeAsync();
        var brief = new SendOptions { Timeout = TimeSpan.FromMilliseconds(200) };
        Assert.Equal((LinkError.Timeout, RequestFate.Unknown), await OutcomeAsync(server.SendAsync("host", new { }, brief)));
        Assert.True(server.HasPeer("host"));

        host.Thaw();
        await Within.Deadline(server.SendAsync("host", new { }));
        await Within.Until(() => server.Statistics.UnknownReplies == 1);
    }

    [Fact]
    public async Task A_peer_that_is_stopped_before_it_is_dialled_times_out_too()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        await using var host = await HostProcess.StartAsync(bench, "host");
        await host.FreezeAsync();
        var brief = new SendOptions { Timeout = TimeSpan.FromMilliseconds(200) };
        Assert.Equal((LinkError.Timeout, RequestFate.Unknown), await OutcomeAsync(server.SendAsync("host", new { }, brief)));
        host.Thaw();
        await Within.Deadline(server.SendAsync("host", new { }));
    }

    private static async Task<(LinkError Error, RequestFate Fate)> OutcomeAsync(Task promise)
    {
        var exception = await Assert.ThrowsAsync<LinkException>(() => promise.WaitAsync(Within.Default));
        return (exception.Error, exception.Fate);
    }
}

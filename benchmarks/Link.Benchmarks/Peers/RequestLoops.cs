using System.Diagnostics;

namespace Link.Benchmarks.Peers;

/// <summary>Asks one peer again and again, whatever lies between.</summary>
internal sealed class RequestLoops(Server client)
{
    private readonly Durations _durations = new();

    /// <summary>One request at a time.</summary>
    public async Task<Sample> RoundTripAsync(string peer, TimeSpan duration)
    {
        _durations.Clear();
        var timer = new SliceTimer(duration);
        for (var start = timer.Start; start < timer.End;)
        {
            await client.SendAsync(peer, Payloads.Small);
            var now = Stopwatch.GetTimestamp();
            _durations.Add(now - start);
            start = now;
        }

        return _durations.ToSample();
    }

    /// <summary>Keeps requests in flight, each asked by a loop of its own.</summary>
    public async Task<Sample> RateAsync(string peer, int inFlight, TimeSpan duration)
    {
        var timer = new SliceTimer(duration);
        var counts = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => SendAsync(peer, timer)));
        return new Sample { [Values.Rate] = counts.Sum() / timer.Seconds };
    }

    private async Task<long> SendAsync(string peer, SliceTimer timer)
    {
        var count = 0L;
        for (; !timer.IsOver; count++)
        {
            await client.SendAsync(peer, Payloads.Small);
        }

        return count;
    }
}

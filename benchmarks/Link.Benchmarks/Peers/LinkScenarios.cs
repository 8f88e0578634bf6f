using System.Diagnostics;
using Link.Abstractions;
using Newtonsoft.Json.Linq;

namespace Link.Benchmarks.Peers;

/// <summary>Link as a client sees it, in the ways people use it.</summary>
internal sealed class LinkScenarios : IAsyncDisposable
{
    private readonly Durations _durations = new();
    private readonly Server _client;
    private readonly Server _low;
    private readonly Server _typed;

    public LinkScenarios(string directory)
    {
        var options = new ServerOptions { SocketRoot = directory, AllowMultiple = true };
        _client = new Server("client", options);
        _low = new Server("client-low", options with { LowLatency = true });
        _typed = new Server("client-typed", options with { Serializer = SystemTextJsonSerializer.Default });
    }

    public IEnumerable<Measurement> All =>
    [
        new(Names.RoundTrip, (duration, _) => RoundTripAsync(_client, PeerNames.Unparsed, Payloads.Small, duration)),
        new(Names.LowLatency, (duration, _) => RoundTripAsync(_low, PeerNames.LowLatency, Payloads.Small, duration)),
        new(Names.Unparsed, (duration, _) => RateAsync(UnparsedAsync, Payloads.InFlight, duration)),
        new(Names.JObject, (duration, _) => RateAsync(JObjectAsync, Payloads.InFlight, duration)),
        new(Names.Typed, (duration, _) => RateAsync(TypedAsync, Payloads.InFlight, duration)),
        new(Names.Medium, MediumAsync),
        new(Names.Large, (duration, _) => RoundTripAsync(_client, PeerNames.Unparsed, Payloads.Large, duration)),
    ];

    /// <summary>One request after the other.</summary>
    public Task<Sample> RoundTripAsync(TimeSpan duration) => RoundTripAsync(_client, PeerNames.Unparsed, Payloads.Small, duration);

    /// <summary>Asks the server process about itself.</summary>
    public async Task<State> AskStateAsync(int connections = -1, bool collect = false) =>
        (await _client.SendAsync(PeerNames.Control, new StateRequest(connections, collect))).As<State>()!;

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _low.DisposeAsync();
        await _typed.DisposeAsync();
    }

    private Task<Sample> RoundTripAsync(Server client, string peer, Payload payload, TimeSpan duration) => CountAllocationsAsync(async () =>
    {
        var count = 0L;
        _durations.Clear();
        var timer = new SliceTimer(duration);
        for (var start = timer.Start; start < timer.End; count++)
        {
            await client.SendAsync(peer, payload);
            var now = Stopwatch.GetTimestamp();
            _durations.Add(now - start);
            start = now;
        }

        return (_durations.ToSample(), count);
    });

    private async Task<Sample> MediumAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var sample = await RateAsync(timer => SendAsync(Payloads.Medium, timer), Payloads.MediumInFlight, duration);
        sample[Values.Megabytes] = sample[Values.Rate] * Payloads.MediumBytes / 1e6;
        return sample;
    }

    /// <summary>Keeps requests in flight, each asked by a loop of its own.</summary>
    private Task<Sample> RateAsync(Func<SliceTimer, Task<long>> ask, int inFlight, TimeSpan duration) => CountAllocationsAsync(async () =>
    {
        var timer = new SliceTimer(duration);
        var counts = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => ask(timer)));
        return (new Sample { [Values.Rate] = counts.Sum() / timer.Seconds }, counts.Sum());
    });

    private async Task<Sample> CountAllocationsAsync(Func<Task<(Sample Sample, long Requests)>> measureAsync)
    {
        var server = await AskStateAsync();
        var client = GC.GetTotalAllocatedBytes(precise: true);
        var (sample, requests) = await measureAsync();
        sample[Values.ClientBytes] = (double)(GC.GetTotalAllocatedBytes(precise: true) - client) / requests;
        sample[Values.ServerBytes] = (double)((await AskStateAsync()).Allocated - server.Allocated) / requests;
        return sample;
    }

    private Task<long> UnparsedAsync(SliceTimer timer) => SendAsync(Payloads.Small, timer);

    private async Task<long> SendAsync(Payload payload, SliceTimer timer)
    {
        var count = 0L;
        for (; !timer.IsOver; count++)
        {
            await _client.SendAsync(PeerNames.Unparsed, payload);
        }

        return count;
    }

    private async Task<long> JObjectAsync(SliceTimer timer)
    {
        var count = 0L;
        for (; !timer.IsOver; count++)
        {
            var reply = await _client.SendAsync(PeerNames.JObject, new JObject { ["content"] = Payloads.SmallContent });
            Require((string?)reply["response"]);
        }

        return count;
    }

    private async Task<long> TypedAsync(SliceTimer timer)
    {
        var count = 0L;
        for (; !timer.IsOver; count++)
        {
            var reply = await _typed.SendAsync(PeerNames.Typed, new Question { Content = Payloads.SmallContent });
            Require(reply.As<Answer>()?.Response);
        }

        return count;
    }

    private static void Require(string? response)
    {
        if (response != Payloads.SmallContent)
        {
            throw new InvalidOperationException("A reply has the wrong content.");
        }
    }
}

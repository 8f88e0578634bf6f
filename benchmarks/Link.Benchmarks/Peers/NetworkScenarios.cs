using System.Diagnostics;
using Link.NodeIpc;
using Link.Streams.Tls;

namespace Link.Benchmarks.Peers;

/// <summary>Link over the network, as a client sees it: the same calls, other endpoints.</summary>
internal sealed class NetworkScenarios : IAsyncDisposable
{
    private readonly Durations _durations = new();
    private readonly Server _client;

    public NetworkScenarios(string directory, NetworkPlaces places) => _client = new Server("client-network", new ServerOptions
    {
        AllowMultiple = true,
        Transport = new NodeIpcTransport(new NodeIpcOptions
        {
            Peers = places.Peers,
            Tls = new TlsOptions { TrustedFiles = [NetworkPlaces.AuthorityFile(directory)] },
        }),
    });

    public IEnumerable<Measurement> All =>
    [
        new(Names.Tcp, (duration, _) => RoundTripAsync(PeerNames.Tcp, duration)),
        new(Names.TcpUnparsed, (duration, _) => RateAsync(PeerNames.Tcp, Payloads.InFlight, duration)),
        new(Names.Tls, (duration, _) => RoundTripAsync(PeerNames.Tls, duration)),
        new(Names.TlsUnparsed, (duration, _) => RateAsync(PeerNames.Tls, Payloads.InFlight, duration)),
        new(Names.Udp, (duration, _) => RoundTripAsync(PeerNames.Udp, duration)),
        new(Names.UdpUnparsed, (duration, _) => RateAsync(PeerNames.Udp, Payloads.DatagramsInFlight, duration)),
    ];

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task<Sample> RoundTripAsync(string peer, TimeSpan duration)
    {
        _durations.Clear();
        var timer = new SliceTimer(duration);
        for (var start = timer.Start; start < timer.End;)
        {
            await _client.SendAsync(peer, Payloads.Small);
            var now = Stopwatch.GetTimestamp();
            _durations.Add(now - start);
            start = now;
        }

        return _durations.ToSample();
    }

    /// <summary>Keeps requests in flight, each asked by a loop of its own.</summary>
    private async Task<Sample> RateAsync(string peer, int inFlight, TimeSpan duration)
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
            await _client.SendAsync(peer, Payloads.Small);
        }

        return count;
    }
}

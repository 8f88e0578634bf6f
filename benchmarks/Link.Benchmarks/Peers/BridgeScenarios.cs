using Link.Flic;

namespace Link.Benchmarks.Peers;

/// <summary>Link through a bridge of flic in a third process: the same calls once more.</summary>
internal sealed class BridgeScenarios : IAsyncDisposable
{
    private readonly Server _client;
    private readonly RequestLoops _loops;

    public BridgeScenarios(RelayPlaces places)
    {
        _client = new Server("client-bridge", new ServerOptions
        {
            AllowMultiple = true,
            Transport = new FlicTransport(new FlicNodeOptions { Port = places.Bridge }),
        });
        _loops = new RequestLoops(_client);
    }

    public IEnumerable<Measurement> All =>
    [
        new(Names.Bridge, (duration, _) => _loops.RoundTripAsync(PeerNames.Bridge, duration)),
        new(Names.BridgeUnparsed, (duration, _) => _loops.RateAsync(PeerNames.Bridge, Payloads.InFlight, duration)),
    ];

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}

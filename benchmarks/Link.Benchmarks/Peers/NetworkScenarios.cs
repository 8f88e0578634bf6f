using Link.NodeIpc;
using Link.Streams.Tls;

namespace Link.Benchmarks.Peers;

/// <summary>Link over the network, as a client sees it: the same calls, other endpoints.</summary>
internal sealed class NetworkScenarios : IAsyncDisposable
{
    private readonly Server _client;
    private readonly RequestLoops _loops;

    public NetworkScenarios(string directory, NetworkPlaces places)
    {
        _client = new Server("client-network", new ServerOptions
        {
            AllowMultiple = true,
            Transport = new NodeIpcTransport(new NodeIpcOptions
            {
                Peers = places.Peers,
                Tls = new TlsOptions { TrustedFiles = [NetworkPlaces.AuthorityFile(directory)] },
            }),
        });
        _loops = new RequestLoops(_client);
    }

    public IEnumerable<Measurement> All =>
    [
        new(Names.Tcp, (duration, _) => _loops.RoundTripAsync(PeerNames.Tcp, duration)),
        new(Names.TcpUnparsed, (duration, _) => _loops.RateAsync(PeerNames.Tcp, Payloads.InFlight, duration)),
        new(Names.Tls, (duration, _) => _loops.RoundTripAsync(PeerNames.Tls, duration)),
        new(Names.TlsUnparsed, (duration, _) => _loops.RateAsync(PeerNames.Tls, Payloads.InFlight, duration)),
        new(Names.Udp, (duration, _) => _loops.RoundTripAsync(PeerNames.Udp, duration)),
        new(Names.UdpUnparsed, (duration, _) => _loops.RateAsync(PeerNames.Udp, Payloads.DatagramsInFlight, duration)),
    ];

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}

using Link.Masterless;

namespace Link.Benchmarks.Peers;

/// <summary>Link in a mesh, both formats: the same calls once more.</summary>
internal sealed class MeshScenarios(NetworkPlaces places) : IAsyncDisposable
{
    private readonly Server _lines = Client("client-mesh", MeshFormat.Json, places);
    private readonly Server _packed = Client("client-packed-mesh", MeshFormat.MessagePack, places);

    public IEnumerable<Measurement> All =>
    [
        .. Of(_lines, PeerNames.Mesh, Names.Mesh, Names.MeshUnparsed),
        .. Of(_packed, PeerNames.PackedMesh, Names.PackedMesh, Names.PackedMeshUnparsed),
    ];

    public async ValueTask DisposeAsync()
    {
        await _lines.DisposeAsync();
        await _packed.DisposeAsync();
    }

    private static Server Client(string name, MeshFormat format, NetworkPlaces places) => new(name, new ServerOptions
    {
        AllowMultiple = true,
        Transport = new MeshTransport(new MeshOptions
        {
            Format = format,
            Peers = places.Peers.Where(peer => peer.Key is PeerNames.Mesh or PeerNames.PackedMesh).ToDictionary(),
        }),
    });

    private static IEnumerable<Measurement> Of(Server client, string peer, string roundTrip, string rate)
    {
        var loops = new RequestLoops(client);
        yield return new(roundTrip, (duration, _) => loops.RoundTripAsync(peer, duration));
        yield return new(rate, (duration, _) => loops.RateAsync(peer, Payloads.InFlight, duration));
    }
}

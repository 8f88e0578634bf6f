using Link.Abstractions;
using Link.Benchmarks.Floor;
using Link.Benchmarks.Peers;
using Link.Flic;
using Link.Masterless;
using Link.NodeIpc;
using Link.Streams.Tls;

namespace Link.Benchmarks;

/// <summary>What the server process has on the network: Link servers, and what they are compared with.</summary>
internal sealed class NetworkServers : IAsyncDisposable
{
    private readonly RunCertificates _certificates = RunCertificates.Make();
    private readonly Dictionary<string, string> _places = [];
    private readonly List<Server> _servers = [];
    private readonly NetworkFloorServer _floor;
    private readonly DatagramFloorServer _datagrams = new();

    private NetworkServers() => _floor = new NetworkFloorServer(_certificates.Server);

    /// <summary>Listens, and writes down where.</summary>
    public static async Task<NetworkServers> StartAsync(string directory)
    {
        var servers = new NetworkServers();
        servers._floor.Start();
        servers._datagrams.Start();
        await servers.ListenAsync(PeerNames.Tcp, "tcp://127.0.0.1:0");
        await servers.ListenAsync(PeerNames.Tls, "tls://127.0.0.1:0");
        await servers.ListenAsync(PeerNames.Udp, "udp4://127.0.0.1:0");
        await servers.JoinAsync(PeerNames.Mesh, MeshFormat.Json);
        await servers.JoinAsync(PeerNames.PackedMesh, MeshFormat.MessagePack);
        if (RelayPlaces.AreIn(directory))
        {
            await servers.RegisterAsync(PeerNames.Bridge, await RelayPlaces.ReadAsync(directory));
        }

        var places = new NetworkPlaces(servers._places, servers._floor.TcpPort, servers._floor.TlsPort, servers._datagrams.Port);
        await NetworkPlaces.WriteAsync(directory, places, servers._certificates.Authority);
        return servers;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _floor.Dispose();
        _datagrams.Dispose();
        _certificates.Dispose();
    }

    private async Task ListenAsync(string name, string endpoint)
    {
        var transport = new NodeIpcTransport(new NodeIpcOptions
        {
            ListenOn = endpoint,
            Tls = new TlsOptions { Certificate = _certificates.Server },
        });
        await StartAsync(name, transport);
        _places[name] = transport.Endpoint!;
    }

    private async Task JoinAsync(string name, MeshFormat format)
    {
        var transport = new MeshTransport(new MeshOptions { Format = format });
        await StartAsync(name, transport);
        _places[name] = transport.Info!;
    }

    private Task RegisterAsync(string name, RelayPlaces places) => StartAsync(name, new FlicTransport(new FlicNodeOptions { Port = places.Bridge }));

    private Task StartAsync(string name, ITransport transport)
    {
        var server = new Server(name, new ServerOptions { AllowMultiple = true, Transport = transport });
        _servers.Add(server);
        server.OnMessage(message => message.ReplyAsync(message.Payload));
        return server.StartAsync();
    }
}

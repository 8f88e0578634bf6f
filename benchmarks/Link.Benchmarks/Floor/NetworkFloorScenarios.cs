using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Link.Benchmarks.Floor;

/// <summary>What a bare TCP socket and a bare TLS stream can do on loopback.</summary>
internal sealed class NetworkFloorScenarios(string directory, NetworkPlaces places, RelayPlaces relay)
{
    private readonly Durations _durations = new();

    public IEnumerable<Measurement> All =>
    [
        new(Names.FloorTcp, (duration, token) => PingPongAsync(ConnectTcpAsync, duration, token)),
        new(Names.FloorTcpPipelined, (duration, token) => PipelineAsync(ConnectTcpAsync, duration, token)),
        new(Names.FloorRelay, (duration, token) => PingPongAsync(ConnectRelayAsync, duration, token)),
        new(Names.FloorRelayPipelined, (duration, token) => PipelineAsync(ConnectRelayAsync, duration, token)),
        new(Names.FloorTls, (duration, token) => PingPongAsync(ConnectTlsAsync, duration, token)),
        new(Names.FloorTlsPipelined, (duration, token) => PipelineAsync(ConnectTlsAsync, duration, token)),
    ];

    private async Task<Sample> PingPongAsync(
        Func<CancellationToken, Task<Stream>> connectAsync, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var stream = await connectAsync(cancellationToken);
        var (sent, received) = (new byte[Payloads.SmallBytes], new byte[Payloads.SmallBytes]);
        _durations.Clear();
        var timer = new SliceTimer(duration);
        for (var start = timer.Start; start < timer.End;)
        {
            await stream.WriteAsync(sent);
            await stream.ReadExactlyAsync(received);
            var now = Stopwatch.GetTimestamp();
            _durations.Add(now - start);
            start = now;
        }

        return _durations.ToSample();
    }

    /// <summary>Keeps as many small messages in flight as Link does requests; the bytes of many go in one call.</summary>
    private static async Task<Sample> PipelineAsync(
        Func<CancellationToken, Task<Stream>> connectAsync, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var stream = await connectAsync(cancellationToken);
        const int Window = Payloads.InFlight * Payloads.SmallBytes;
        var (sent, received) = (new byte[Window], new byte[Window]);
        var (inFlight, total) = (0, 0L);
        var timer = new SliceTimer(duration);
        while (!timer.IsOver)
        {
            await stream.WriteAsync(sent.AsMemory(0, Window - inFlight));
            var count = await stream.ReadAtLeastAsync(received, 1);
            inFlight = Window - count;
            total += count;
        }

        return new Sample { [Values.Rate] = total / Payloads.SmallBytes / timer.Seconds };
    }

    private Task<Stream> ConnectTcpAsync(CancellationToken cancellationToken) => ConnectAsync(places.FloorTcp, cancellationToken);

    private Task<Stream> ConnectRelayAsync(CancellationToken cancellationToken) => ConnectAsync(relay.Floor, cancellationToken);

    private async Task<Stream> ConnectTlsAsync(CancellationToken cancellationToken)
    {
        using var authority = X509CertificateLoader.LoadCertificateFromFile(NetworkPlaces.AuthorityFile(directory));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        var tls = new SslStream(await ConnectAsync(places.FloorTls, cancellationToken));
        try
        {
            var options = new SslClientAuthenticationOptions { TargetHost = $"{IPAddress.Loopback}", CertificateChainPolicy = policy };
            await tls.AuthenticateAsClientAsync(options, cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private static async Task<Stream> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

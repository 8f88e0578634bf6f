using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Link.Benchmarks.Floor;

/// <summary>The other side of the bare TCP socket and of the bare TLS stream: sends back what it receives, without protocol.</summary>
internal sealed class NetworkFloorServer(X509Certificate2 certificate) : IDisposable
{
    private const int AnySize = 64 * 1024;

    private readonly TcpListener _tcp = new(IPAddress.Loopback, 0);
    private readonly TcpListener _tls = new(IPAddress.Loopback, 0);

    public int TcpPort => PortOf(_tcp);

    public int TlsPort => PortOf(_tls);

    public void Start()
    {
        _tcp.Start();
        _tls.Start();
        _ = Task.Run(() => AcceptAsync(_tcp, stream => ValueTask.FromResult<Stream>(stream)));
        _ = Task.Run(() => AcceptAsync(_tls, SecureAsync));
    }

    public void Dispose()
    {
        _tcp.Dispose();
        _tls.Dispose();
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static async Task AcceptAsync(TcpListener listener, Func<Stream, ValueTask<Stream>> prepareAsync)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptSocketAsync();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Disposed.
                return;
            }

            socket.NoDelay = true;
            _ = Task.Run(async () => await EchoAsync(await prepareAsync(new NetworkStream(socket, ownsSocket: true))));
        }
    }

    private async ValueTask<Stream> SecureAsync(Stream stream)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(certificate);
        return tls;
    }

    private static async Task EchoAsync(Stream stream)
    {
        await using (stream)
        {
            var buffer = new byte[AnySize];
            for (int count; (count = await stream.ReadAsync(buffer)) > 0;)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count));
            }
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Link.Benchmarks.Floor;

/// <summary>Passes bytes on between a client and the bare TCP socket of the server process: two hops without protocol.</summary>
internal sealed class RelayFloorServer(string directory) : IDisposable
{
    private const int AnySize = 64 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Start()
    {
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Disposed.
                return;
            }

            _ = Task.Run(() => RelayAsync(client));
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using (client)
        {
            // The server process starts after this one: it is known only now where it is.
            var places = await NetworkPlaces.ReadAsync(directory, CancellationToken.None);
            using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await server.ConnectAsync(IPAddress.Loopback, places.FloorTcp);
            client.NoDelay = true;
            await Task.WhenAny(PassOnAsync(client, server), PassOnAsync(server, client));
        }
    }

    private static async Task PassOnAsync(Socket from, Socket to)
    {
        var buffer = new byte[AnySize];
        try
        {
            for (int count; (count = await from.ReceiveAsync(buffer)) > 0;)
            {
                await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The other direction has ended first.
        }
    }
}

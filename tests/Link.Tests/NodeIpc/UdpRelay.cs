using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Link.Tests.NodeIpc;

/// <summary>
/// A network between one UDP port and those who send to it, which loses, doubles and reorders datagrams. What happens to the n-th datagram
/// of a direction depends on the seed alone.
/// </summary>
internal sealed class UdpRelay : IDisposable
{
    private const double Loss = 0.1;
    private const double Doubling = 0.1;
    private const double Delay = 0.1;

    private readonly Socket _front = Open();
    private readonly IPEndPoint _target;
    private readonly int _seed;
    private readonly ConcurrentDictionary<EndPoint, Direction> _clients = new();
    private volatile bool _closed;

    public UdpRelay(int seed, int targetPort)
    {
        _seed = seed;
        _target = new IPEndPoint(IPAddress.Loopback, targetPort);
        _front.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _ = Task.Run(ForwardAsync);
    }

    public string Endpoint => $"udp4://{_front.LocalEndPoint}";

    /// <summary>How many datagrams were lost on purpose.</summary>
    public int Lost => _clients.Values.Sum(client => client.Lost);

    public void Dispose()
    {
        _closed = true;
        _front.Dispose();
        foreach (var client in _clients.Values)
        {
            client.Back.Dispose();
        }
    }

    private static Socket Open() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1024 * 1024 };

    private async Task ForwardAsync()
    {
        var buffer = new byte[65_536];
        try
        {
            while (!_closed)
            {
                var received = await _front.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0));
                var client = _clients.GetOrAdd(received.RemoteEndPoint, Connect);
                client.Pass(buffer.AsSpan(0, received.ReceivedBytes), datagram => client.Back.Send(datagram));
            }
        }
        catch (Exception) when (_closed)
        {
            // The end of the test.
        }
    }

    private Direction Connect(EndPoint client)
    {
        var back = Open();
        back.Connect(_target);
        _ = Task.Run(() => ReturnAsync(back, client));
        return new Direction(back, _seed);
    }

    private async Task ReturnAsync(Socket back, EndPoint client)
    {
        var buffer = new byte[65_536];
        var direction = new Direction(back, _seed + 1);
        try
        {
            while (!_closed)
            {
                var length = await back.ReceiveAsync(buffer, SocketFlags.None);
                direction.Pass(buffer.AsSpan(0, length), datagram => _front.SendTo(datagram, client));
            }
        }
        catch (Exception) when (_closed)
        {
            // The end of the test.
        }
    }

    private sealed class Direction(Socket back, int seed)
    {
        private readonly Random _chance = new(seed);
        private byte[]? _held;

        public Socket Back => back;

        public int Lost { get; private set; }

        public void Pass(ReadOnlySpan<byte> datagram, Action<byte[]> send)
        {
            var fate = _chance.NextDouble();
            if (fate < Loss)
            {
                Lost++;
                return;
            }

            if (fate < Loss + Delay && _held is null)
            {
                // It goes behind the next.
                _held = datagram.ToArray();
                return;
            }

            var copy = datagram.ToArray();
            send(copy);
            if (fate > 1 - Doubling)
            {
                send(copy);
            }

            if (_held is { } held)
            {
                _held = null;
                send(held);
            }
        }
    }
}

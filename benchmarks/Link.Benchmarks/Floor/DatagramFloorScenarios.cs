using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Link.Benchmarks.Floor;

/// <summary>What a bare UDP socket can do on loopback. A datagram that is lost fails the measurement: it waits for each.</summary>
internal sealed class DatagramFloorScenarios(int port)
{
    private readonly Durations _durations = new();

    public IEnumerable<Measurement> All =>
    [
        new(Names.FloorUdp, PingPongAsync),
        new(Names.FloorUdpPipelined, PipelineAsync),
    ];

    private async Task<Sample> PingPongAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        using var socket = await ConnectAsync(cancellationToken);
        var buffer = new byte[Payloads.SmallBytes];
        _durations.Clear();
        var timer = new SliceTimer(duration);
        for (var start = timer.Start; start < timer.End;)
        {
            await socket.SendAsync(buffer);
            await socket.ReceiveAsync(buffer);
            var now = Stopwatch.GetTimestamp();
            _durations.Add(now - start);
            start = now;
        }

        return _durations.ToSample();
    }

    /// <summary>Keeps as many datagrams in flight as Link does; each takes a call of its own.</summary>
    private async Task<Sample> PipelineAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        using var socket = await ConnectAsync(cancellationToken);
        var (sent, received) = (new byte[Payloads.SmallBytes], new byte[Payloads.SmallBytes]);
        var (inFlight, total) = (0, 0L);
        var timer = new SliceTimer(duration);
        for (; !timer.IsOver; inFlight--, total++)
        {
            for (; inFlight < Payloads.DatagramsInFlight; inFlight++)
            {
                await socket.SendAsync(sent);
            }

            await socket.ReceiveAsync(received);
        }

        return new Sample { [Values.Rate] = total / timer.Seconds };
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return socket;
    }
}

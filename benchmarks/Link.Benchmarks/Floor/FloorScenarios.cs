using System.Diagnostics;
using System.Net.Sockets;

namespace Link.Benchmarks.Floor;

/// <summary>What the bare socket can do: the measure of everything else.</summary>
internal sealed class FloorScenarios(string directory)
{
    private readonly Durations _durations = new();

    public IEnumerable<Measurement> All =>
    [
        new(Names.FloorAsync, (duration, token) => PingPongAsync(FloorMode.Asynchronous, Payloads.SmallBytes, duration, token)),
        new(Names.FloorBlocking, (duration, token) => Task.Factory.StartNew(
            () => PingPongBlocking(duration), token, TaskCreationOptions.LongRunning, TaskScheduler.Default)),
        new(Names.FloorPipelined, PipelineAsync),
        new(Names.FloorMedium, MediumAsync),
        new(Names.FloorLarge, (duration, token) => PingPongAsync(FloorMode.Large, Payloads.LargeBytes, duration, token)),
    ];

    private async Task<Sample> PingPongAsync(FloorMode mode, int size, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var socket = await FloorSocket.ConnectAsync(directory, mode, cancellationToken);
        var (sent, received) = (new byte[size], new byte[size]);
        _durations.Clear();
        var timer = new SliceTimer(duration);
        for (var start = timer.Start; start < timer.End;)
        {
            await FloorSocket.SendAllAsync(socket, sent);
            await RequireAsync(FloorSocket.TryReceiveAllAsync(socket, received));
            var now = Stopwatch.GetTimestamp();
            _durations.Add(now - start);
            start = now;
        }

        return _durations.ToSample();
    }

    private Sample PingPongBlocking(TimeSpan duration)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(FloorSocket.EndPoint(directory, FloorMode.Blocking));
        var buffer = new byte[Payloads.SmallBytes];
        _durations.Clear();
        var timer = new SliceTimer(duration);
        for (var start = timer.Start; start < timer.End;)
        {
            socket.Send(buffer);
            for (var received = 0; received < buffer.Length;)
            {
                received += Require(socket.Receive(buffer, received, buffer.Length - received, SocketFlags.None));
            }

            var now = Stopwatch.GetTimestamp();
            _durations.Add(now - start);
            start = now;
        }

        return _durations.ToSample();
    }

    /// <summary>Keeps as many small messages in flight as Link does requests; the bytes of many go in one call.</summary>
    private async Task<Sample> PipelineAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        using var socket = await FloorSocket.ConnectAsync(directory, FloorMode.Asynchronous, cancellationToken);
        const int Window = Payloads.InFlight * Payloads.SmallBytes;
        var (sent, received) = (new byte[Window], new byte[Window]);
        var (inFlight, total) = (0, 0L);
        var timer = new SliceTimer(duration);
        while (!timer.IsOver)
        {
            if (inFlight < Window)
            {
                inFlight += await socket.SendAsync(sent.AsMemory(0, Window - inFlight));
            }

            var count = Require(await socket.ReceiveAsync(received));
            inFlight -= count;
            total += count;
        }

        return new Sample { [Values.Rate] = total / Payloads.SmallBytes / timer.Seconds };
    }

    private async Task<Sample> MediumAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        using var socket = await FloorSocket.ConnectAsync(directory, FloorMode.Medium, cancellationToken);
        using var room = new SemaphoreSlim(Payloads.MediumInFlight);
        var timer = new SliceTimer(duration);
        var sending = Task.Run(() => SendMediumAsync(socket, room, timer), cancellationToken);
        var received = new byte[Payloads.MediumBytes];
        var count = 0L;
        for (; await FloorSocket.TryReceiveAllAsync(socket, received); count++)
        {
            room.Release();
        }

        await sending;
        return new Sample { [Values.Megabytes] = count * Payloads.MediumBytes / 1e6 / timer.Seconds };
    }

    private static async Task SendMediumAsync(Socket socket, SemaphoreSlim room, SliceTimer timer)
    {
        var message = new byte[Payloads.MediumBytes];
        while (!timer.IsOver)
        {
            await room.WaitAsync();
            await FloorSocket.SendAllAsync(socket, message);
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    private static async ValueTask RequireAsync(ValueTask<bool> received)
    {
        if (!await received)
        {
            throw new InvalidOperationException("The server's end of the socket was closed.");
        }
    }

    private static int Require(int received) =>
        received > 0 ? received : throw new InvalidOperationException("The server's end of the socket was closed.");
}

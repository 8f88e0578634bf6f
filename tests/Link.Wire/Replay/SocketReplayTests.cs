using Link.Abstractions;
using Link.NodeIpc;
using Link.Testing;
using Link.Wire.Support;

namespace Link.Wire.Replay;

/// <summary>The recordings over real sockets, to the transport as a program uses it.</summary>
public sealed class SocketReplayTests
{
    private static readonly RecordedStream[] ToAcceptors = [.. Recording.Streams.Where(stream => !stream.Dialled)];
    private static readonly RecordedStream[] ToDiallers = [.. Recording.Streams.Where(stream => stream.Dialled)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_acceptor_reads_every_recorded_stream(bool lowLatency)
    {
        using var directory = new SocketDirectory();
        await using var transport = Make(directory, lowLatency);
        await Within.Deadline(transport.BindAsync("test-two"));
        for (var index = 0; index < ToAcceptors.Length; index++)
        {
            using var peer = await RawSocket.DialAsync(directory.File("app.test-two"));
            var connection = (await Within.Deadline(transport.AcceptAsync()))!;
            await AssertReadAsync(transport, connection, peer, ToAcceptors[index], new Random(index));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dialler_reads_every_recorded_stream(bool lowLatency)
    {
        using var directory = new SocketDirectory();
        using var listener = RawSocket.Listen(directory.File("app.test-two"));
        await using var transport = Make(directory, lowLatency);
        for (var index = 0; index < ToDiallers.Length; index++)
        {
            var dialling = transport.ConnectAsync("test-two");
            using var peer = await RawSocket.AcceptAsync(listener);
            var connection = await Within.Deadline(dialling);
            Assert.Same(connection, await Within.Deadline(transport.AcceptAsync()));
            await AssertReadAsync(transport, connection, peer, ToDiallers[index], new Random(index));
        }
    }

    private static NodeIpcTransport Make(SocketDirectory directory, bool lowLatency) =>
        new(new NodeIpcOptions { SocketRoot = directory.Path, LowLatency = lowLatency });

    private static async Task AssertReadAsync(ITransport transport, IConnection connection, RawSocket peer, RecordedStream recorded, Random random)
    {
        var expected = IndependentReader.ReadAll(recorded.Bytes, recorded.Dialled);
        var reading = ReadAsync(connection);
        try
        {
            foreach (var piece in Connections.Pieces(recorded.Bytes, random, longest: 64))
            {
                await peer.WriteAsync(piece);
                await Task.Yield();
            }

            peer.EndWriting();
        }
        catch (System.Net.Sockets.SocketException) when (expected[^1] == Described.Violation)
        {
            // Link has closed before all was written.
        }

        var read = await Within.Deadline(reading);
        for (var dropped = expected.Count(line => line == Described.Dropped); dropped > 0; dropped--)
        {
            Assert.Equal(LinkError.ProtocolViolation, (await Within.Deadline(transport.Faults.ReadAsync())).Error);
        }

        Assert.Equal(expected.Where(line => line != Described.Dropped), read);
    }

    private static async Task<List<string>> ReadAsync(IConnection connection)
    {
        var result = new List<string>();
        try
        {
            while (await connection.ReadAsync() is { } envelope)
            {
                result.Add(Described.Envelope(envelope));
            }

            result.Add(Described.CleanEnd);
        }
        catch (LinkException exception)
        {
            result.Add(Described.Closed(exception.Error));
        }

        return result;
    }
}

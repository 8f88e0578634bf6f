using System.Text;
using System.Text.Json;
using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.NodeIpc.Frames;
using Link.Streams;
using Link.Testing;
using Link.Wire.Support;

namespace Link.Wire.Events;

/// <summary>What node-ipc 9.1.4 and 1.2.2 wrote, read by the event API in every way it can arrive.</summary>
public sealed class EventReplayTests
{
    private const string Dropped = "dropped";
    private const string Violation = "closed ProtocolViolation";

    private static readonly string[] Reserved =
        ["connect", "disconnect", "destroy", "error", "data", "start", "close", "socket.disconnected"];

    public static TheoryData<int> Streams() => [.. Enumerable.Range(0, Recording.EventStreams.Count)];

    [Fact]
    public void The_recordings_are_there() => Assert.True(Recording.EventStreams.Count >= 50, $"{Recording.EventStreams.Count}");

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_is_read_whole(int index)
    {
        var stream = Recording.EventStreams[index];
        Assert.Equal(Expected(stream.Bytes), await ReceiveAsync([stream.Bytes]));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_is_read_as_it_was_written(int index)
    {
        var stream = Recording.EventStreams[index];
        Assert.Equal(Expected(stream.Bytes), await ReceiveAsync(stream.Writes.Select(line => line.Bytes)));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_is_read_byte_by_byte(int index)
    {
        var stream = Recording.EventStreams[index];
        Assert.Equal(Expected(stream.Bytes), await ReceiveAsync(Connections.EveryByte(stream.Bytes)));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_is_read_in_two_pieces_cut_anywhere(int index)
    {
        var bytes = Recording.EventStreams[index].Bytes;
        var expected = Expected(bytes);
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            Assert.Equal(expected, await ReceiveAsync([bytes[..cut], bytes[cut..]]));
        }
    }

    [Fact]
    public async Task The_greeting_of_the_old_server_is_two_messages_like_any_other()
    {
        var greeting = Recording.EventStreams.First(stream => stream.Dialled && stream.Writes.Count >= 2 &&
            Encoding.UTF8.GetString(stream.Bytes).Contains("events.broadcasting", StringComparison.Ordinal));

        var received = await ReceiveAsync(greeting.Writes.Select(line => line.Bytes), handles: type => type == "message");

        Assert.DoesNotContain(received, entry => entry is Dropped or Violation);
    }

    /// <summary>What the bytes mean, found in another way.</summary>
    private static List<string> Expected(byte[] bytes)
    {
        var result = new List<string>();
        var start = 0;
        for (var end = Array.IndexOf(bytes, Connections.Delimiter); end >= 0; end = Array.IndexOf(bytes, Connections.Delimiter, start))
        {
            var frame = bytes[start..end];
            start = end + 1;
            if (frame.Length == 0)
            {
                continue;
            }

            var meaning = Meaning(frame);
            result.Add(meaning);
            if (meaning == Violation)
            {
                return result;
            }
        }

        if (start < bytes.Length)
        {
            result.Add(Violation);
        }

        return result;
    }

    private static string Meaning(byte[] frame)
    {
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(frame);
            using var document = JsonDocument.Parse(frame);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("type", out var type) ||
                type.ValueKind is not (JsonValueKind.String or JsonValueKind.Number) || Reserved.Contains(type.ToString()))
            {
                return Dropped;
            }

            return $"{type} {(document.RootElement.TryGetProperty("data", out var data) ? data.GetRawText() : "")}";
        }
        catch (Exception exception) when (exception is JsonException or DecoderFallbackException)
        {
            return Violation;
        }
    }

    private static async Task<List<string>> ReceiveAsync(IEnumerable<byte[]> pieces, Func<string, bool>? handles = null)
    {
        var (result, options) = (new List<string>(), new IpcOptions());
        var (context, peer) = (new IpcContext(options), Connections.PeerOf(dialled: true));
        using var stream = ScriptedStream.Of(pieces);
        var established = new PeerChannel(Connections.Channel(stream), peer, options.Limits.MaxFrameBytes);
        var (target, pump) = (new IpcClient("world", context), context.MakePump());
        target.Error += (_, e) => result.Add(((LinkException)e.Error).Error == LinkError.ProtocolViolation ? Dropped : e.Error.ToString());
        foreach (var type in Types.Where(type => handles?.Invoke(type) ?? true))
        {
            target.On(type, message => result.Add($"{message.Type} {message.Payload}"));
        }

        var failure = await Within.Deadline(new SocketReader(new IpcSocket(context, established), established, target, pump, options).RunAsync());
        await Within.Deadline(pump.DrainAsync());
        if (failure is not null)
        {
            result.Add($"closed {failure.Error}");
        }

        Assert.True(stream.Closed.IsCompleted);
        return result;
    }

    /// <summary>All types that occur.</summary>
    private static IReadOnlyCollection<string> Types { get; } =
    [
        .. Recording.EventStreams.SelectMany(stream => Expected(stream.Bytes)).Where(entry => entry is not (Dropped or Violation))
            .Select(entry => entry[..entry.IndexOf(' ', StringComparison.Ordinal)]).Distinct(),
    ];
}

using Link.Abstractions;
using Link.Testing;
using Link.Wire.Support;
using Newtonsoft.Json.Linq;

namespace Link.Wire.Replay;

/// <summary>What the originals wrote, read by Link in every way it can arrive.</summary>
public sealed class ReplayTests
{
    public static TheoryData<int> Streams() => [.. Enumerable.Range(0, Recording.Streams.Count)];

    [Fact]
    public void The_recordings_are_there()
    {
        Assert.True(Recording.Streams.Count(stream => stream.Dialled) >= 20);
        Assert.True(Recording.Streams.Count(stream => !stream.Dialled) >= 30);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_is_read_whole(int index)
    {
        var stream = Recording.Streams[index];
        Assert.Equal(Expected(stream), await Connections.ReceiveAsync(stream.Bytes, stream.Dialled));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_is_read_as_it_was_written(int index)
    {
        var stream = Recording.Streams[index];
        Assert.Equal(Expected(stream), await Connections.ReceiveAsync(stream.Writes.Select(line => line.Bytes), stream.Dialled));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_is_read_byte_by_byte(int index)
    {
        var stream = Recording.Streams[index];
        Assert.Equal(Expected(stream), await Connections.ReceiveAsync(Connections.EveryByte(stream.Bytes), stream.Dialled));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_is_read_in_two_pieces_cut_anywhere(int index)
    {
        var stream = Recording.Streams[index];
        var (bytes, expected) = (stream.Bytes, Expected(stream));
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            Assert.Equal(expected, await Connections.ReceiveAsync([bytes[..cut], bytes[cut..]], stream.Dialled));
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_is_read_in_random_pieces(int index)
    {
        var stream = Recording.Streams[index];
        var (bytes, expected, random) = (stream.Bytes, Expected(stream), new Random(index));
        for (var round = 0; round < 20; round++)
        {
            Assert.Equal(expected, await Connections.ReceiveAsync(Connections.Pieces(bytes, random, longest: 1 << (round % 8)), stream.Dialled));
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_that_is_cut_off_gives_what_was_whole_before(int index)
    {
        var stream = Recording.Streams[index];
        var bytes = stream.Bytes;
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var expected = IndependentReader.ReadAll(bytes.AsSpan(0, cut), stream.Dialled);
            Assert.Equal(expected, await Connections.ReceiveAsync(bytes[..cut], stream.Dialled));
        }
    }

    [Fact]
    public async Task What_the_original_reported_of_its_messages_Link_reports_too()
    {
        var reports = 0;
        foreach (var scenario in Recording.IpcLink.GroupBy(line => line.Scenario))
        {
            var received = new List<JObject>();
            foreach (var stream in Recording.Streams.Where(stream => stream.Scenario == scenario.Key))
            {
                received.AddRange(await MessagesAsync(stream));
            }

            foreach (var report in scenario.SelectMany(Reported))
            {
                reports++;
                Assert.Contains(received, message => JToken.DeepEquals(message, report));
            }
        }

        Assert.True(reports >= 35, $"{reports}");
    }

    private static List<string> Expected(RecordedStream stream) => IndependentReader.ReadAll(stream.Bytes, stream.Dialled);

    /// <summary>The messages and replies that the original handed to its program, as objects.</summary>
    private static IEnumerable<JObject> Reported(RecordedLine line)
    {
        if (line.Value is null || JToken.Parse(line.Value) is not JObject value)
        {
            return [];
        }

        return value.DescendantsAndSelf().OfType<JObject>().Where(found => found["id"] is not null && (found["success"] ?? found["sentBy"]) is not null);
    }

    private static async Task<List<JObject>> MessagesAsync(RecordedStream recorded)
    {
        var messages = new List<JObject>();
        using var stream = ScriptedStream.Of([recorded.Bytes]);
        await using var connection = Connections.Connection(stream, recorded.Dialled);
        try
        {
            while (await Within.Deadline(connection.ReadAsync()) is { } envelope)
            {
                messages.Add(ObjectOf(envelope));
            }
        }
        catch (LinkException exception) when (exception.Error == LinkError.ProtocolViolation)
        {
            // Some recordings hold bad frames; they are looked at elsewhere.
        }

        return messages;
    }

    private static JObject ObjectOf(Envelope envelope)
    {
        if (envelope.Kind == EnvelopeKind.Reply)
        {
            return (JObject)envelope.Payload.AsToken();
        }

        var message = new JObject();
        if (!envelope.Id.IsMissing)
        {
            message["id"] = JToken.Parse(Connections.Text(envelope.Id.Json.Span));
        }

        if (envelope.From is not null)
        {
            message["sentBy"] = envelope.From;
        }

        if (!envelope.Payload.IsEmpty)
        {
            message["data"] = envelope.Payload.AsToken();
        }

        return message;
    }
}

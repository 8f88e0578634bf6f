using System.Text;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Streams;
using Link.Testing;
using Link.Wire.Support;

namespace Link.Wire.Frames;

/// <summary>How frames become writes.</summary>
public sealed class FrameWriterTests
{
    private const int Slice = 1024 * 1024;

    private static readonly FrameEncoder<byte[]> Copy = static (output, content) => output.Write(content);

    [Fact]
    public async Task A_frame_is_one_write()
    {
        using var stream = new ScriptedStream();
        await using var channel = Connections.Channel(stream);

        channel.Write(Content(10), Copy);
        channel.Write(Content(70_000), Copy);
        channel.Write([], Copy);

        Assert.Equal([11, 70_001, 1], stream.Writes.Select(write => write.Length));
        Assert.All(stream.Writes, write => Assert.Equal(Connections.Delimiter, write[^1]));
    }

    [Fact]
    public async Task Frames_that_come_during_a_write_go_out_together()
    {
        using var stream = new ScriptedStream();
        var held = Hold(stream);
        await using var channel = Connections.Channel(stream);
        channel.Write(Content(1), Copy);
        for (var size = 2; size <= 50; size++)
        {
            channel.Write(Content(size), Copy);
        }

        held.SetResult();
        await channel.DisposeAsync();

        Assert.Equal(2, stream.Writes.Count);
        Assert.Equal(Joined(Enumerable.Range(1, 50)), Written(stream));
    }

    [Fact]
    public async Task A_frame_larger_than_a_slice_goes_out_in_slices()
    {
        using var stream = new ScriptedStream();
        await using var channel = Connections.Channel(stream);

        channel.Write(Content((2 * Slice) + 5), Copy);

        Assert.Equal([Slice, Slice, 6], stream.Writes.Select(write => write.Length));
        Assert.Equal(Joined([(2 * Slice) + 5]), Written(stream));
    }

    [Fact]
    public async Task With_more_to_come_a_frame_waits_for_the_next()
    {
        using var stream = new ScriptedStream();
        await using var channel = Connections.Channel(stream);

        channel.Write(Content(1), Copy, more: true);
        channel.Write(Content(2), Copy, more: true);
        Assert.Empty(stream.Writes);
        channel.Write(Content(3), Copy);

        Assert.Equal(Joined([1, 2, 3]), Assert.Single(stream.Writes));
    }

    [Fact]
    public async Task With_more_to_come_a_frame_waits_for_Flush()
    {
        using var stream = new ScriptedStream();
        await using var channel = Connections.Channel(stream);

        channel.Flush();
        channel.Write(Content(1), Copy, more: true);
        channel.Flush();
        channel.Flush();

        Assert.Equal(Joined([1]), Assert.Single(stream.Writes));
    }

    [Fact]
    public async Task With_more_to_come_gathering_has_an_end()
    {
        using var stream = new ScriptedStream();
        await using var channel = Connections.Channel(stream);
        for (var count = 0; count < 9; count++)
        {
            channel.Write(Content(1000), Copy, more: true);
        }

        Assert.Equal(9 * 1001, Assert.Single(stream.Writes).Length);
    }

    [Fact]
    public async Task Disposal_sends_what_waits_for_Flush()
    {
        using var stream = new ScriptedStream();
        var channel = Connections.Channel(stream);
        channel.Write(Content(1), Copy, more: true);

        await Within.Deadline(channel.DisposeAsync());

        Assert.Equal(Joined([1]), Assert.Single(stream.Writes));
        Assert.Equal(LinkError.ConnectionLost, Assert.Throws<LinkException>(() => channel.Write(Content(1), Copy)).Error);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(1024)]
    [InlineData(1024 * 1024)]
    public async Task A_frame_exactly_at_the_limit_is_written_and_one_over_it_is_refused_whole(int limit)
    {
        using var stream = new ScriptedStream();
        await using var channel = Connections.Channel(stream, new StreamLimits { MaxFrameBytes = limit });

        var refusal = Assert.Throws<LinkException>(() => channel.Write(Content(limit), Copy));
        channel.Write(Content(limit - 1), Copy);

        Assert.Equal((LinkError.TooLarge, RequestFate.NotSent), (refusal.Error, refusal.Fate));
        Assert.Equal(Joined([limit - 1]), Assert.Single(stream.Writes));
    }

    [Fact]
    public async Task An_encoder_that_fails_leaves_nothing_behind()
    {
        using var stream = new ScriptedStream();
        await using var channel = Connections.Channel(stream);
        channel.Write(Content(1), Copy, more: true);

        Assert.Throws<InvalidDataException>(() => channel.Write(0, Failing));
        channel.Write(Content(2), Copy);

        Assert.Equal(Joined([1, 2]), Assert.Single(stream.Writes));
    }

    [Fact]
    public async Task The_backlog_is_bounded_and_counts_what_is_being_sent()
    {
        using var stream = new ScriptedStream();
        var held = Hold(stream);
        await using var channel = Connections.Channel(stream, new StreamLimits { MaxFrameBytes = 100, OutboundBacklogBytes = 300 });
        channel.Write(Content(99), Copy);
        channel.Write(Content(99), Copy);
        channel.Write(Content(98), Copy);

        var refusal = Assert.Throws<LinkException>(() => channel.Write(Content(1), Copy));
        channel.Write([], Copy);
        held.SetResult();
        await channel.DisposeAsync();

        Assert.Equal((LinkError.Overloaded, RequestFate.NotSent), (refusal.Error, refusal.Fate));
        Assert.Equal(Joined([99, 99, 98, 0]), Written(stream));
    }

    [Fact]
    public async Task A_backlog_that_was_full_has_room_again_once_it_is_sent()
    {
        using var stream = new ScriptedStream();
        var held = Hold(stream);
        await using var channel = Connections.Channel(stream, new StreamLimits { MaxFrameBytes = 100, OutboundBacklogBytes = 100 });
        channel.Write(Content(99), Copy);
        Assert.Throws<LinkException>(() => channel.Write([], Copy));

        held.SetResult();
        await Within.Until(() => stream.Writes.Count == 1);
        await Within.Until(() => TryWrite(channel, Content(99)));
        await channel.DisposeAsync();

        Assert.Equal(Joined([99, 99]), Written(stream));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Frames_of_concurrent_writers_never_mix(bool asynchronous)
    {
        const int Writers = 8;
        const int Frames = 400;
        using var stream = new ScriptedStream { HoldWrite = asynchronous ? async () => await Task.Yield() : null };
        await using var channel = Connections.Channel(stream);

        await Within.Deadline(Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (var number = 0; number < Frames; number++)
            {
                channel.Write(Numbered(writer, number), Copy, more: number % 3 == 0);
            }

            channel.Flush();
        }))));
        await channel.DisposeAsync();

        var text = Encoding.ASCII.GetString(Written(stream));
        var next = new int[Writers];
        foreach (var frame in text.Split('\f', StringSplitOptions.RemoveEmptyEntries))
        {
            var writer = frame[0] - '0';
            Assert.Equal(Encoding.ASCII.GetString(Numbered(writer, next[writer]++)), frame);
        }

        Assert.All(next, count => Assert.Equal(Frames, count));
        Assert.All(stream.Writes, write => Assert.Equal(Connections.Delimiter, write[^1]));
    }

    [Fact]
    public async Task A_write_that_fails_ends_the_channel_and_its_reads()
    {
        using var stream = new ScriptedStream { HoldWrite = () => Task.FromException(new IOException("broken pipe")) };
        await using var channel = Connections.Channel(stream);
        var filling = channel.FillAsync();

        channel.Write(Content(1), Copy);

        var failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(filling));
        Assert.Equal(LinkError.ConnectionLost, failure.Error);
        Assert.Contains("broken pipe", failure.Message);
        await Within.Deadline(stream.Closed);
        Assert.Equal(LinkError.ConnectionLost, Assert.Throws<LinkException>(() => channel.Write(Content(1), Copy)).Error);
    }

    private static void Failing(PooledBuffer output, int state)
    {
        output.Write("half a frame"u8);
        throw new InvalidDataException();
    }

    private static bool TryWrite(FrameChannel channel, byte[] content)
    {
        try
        {
            channel.Write(content, Copy);
            return true;
        }
        catch (LinkException exception) when (exception.Error == LinkError.Overloaded)
        {
            return false;
        }
    }

    private static TaskCompletionSource Hold(ScriptedStream stream)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stream.HoldWrite = () => held.Task;
        return held;
    }

    private static byte[] Numbered(int writer, int number) =>
        Encoding.ASCII.GetBytes($"{writer}:{number}:{new string((char)('a' + (number % 26)), number * 7 % 301)}");

    private static byte[] Content(int size)
    {
        var content = new byte[size];
        content.AsSpan().Fill((byte)('a' + (size % 26)));
        return content;
    }

    private static byte[] Joined(IEnumerable<int> sizes) => Join(sizes.Select(size => (byte[])[.. Content(size), Connections.Delimiter]));

    private static byte[] Written(ScriptedStream stream) => Join(stream.Writes);

    private static byte[] Join(IEnumerable<byte[]> pieces)
    {
        using var joined = new MemoryStream();
        foreach (var piece in pieces)
        {
            joined.Write(piece);
        }

        return joined.ToArray();
    }
}

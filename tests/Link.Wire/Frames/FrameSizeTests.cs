using Link.Abstractions;
using Link.Streams;
using Link.Testing;
using Link.Wire.Support;

namespace Link.Wire.Frames;

/// <summary>Frames of every size over reads of every size.</summary>
public sealed class FrameSizeTests
{
    private static readonly int[] Sizes =
    [
        0, 1, 2, 511, 512, 513, 1022, 1023, 1024, 1025, 2048, 32767, 32768, 32769, 65534, 65535, 65536, 65537, 66559, 66560, 66561,
        131070, 131071, 131072, 131073, 300_000,
    ];

    private static readonly int[] ReadSizes = [1, 7, 511, 512, 513, 1023, 1024, 1025, 65535, 65536, 65537, 131072, int.MaxValue];

    public static TheoryData<int> FrameSizes() => [.. Sizes];

    public static TheoryData<int> LongestReads() => [.. ReadSizes];

    [Theory]
    [MemberData(nameof(LongestReads))]
    public async Task Frames_of_all_sizes_come_through_reads_of_one_size(int longest)
    {
        var frames = Sizes.Concat(Sizes.Reverse()).Where(size => longest > 7 || size <= 2048).Select(Content).ToList();
        await AssertReadAsync(frames, Cut(Join(frames), longest));
    }

    [Theory]
    [MemberData(nameof(FrameSizes))]
    public async Task A_frame_of_one_size_comes_through_reads_of_all_sizes(int size)
    {
        foreach (var longest in ReadSizes.Where(longest => longest > 7 || size <= 2048))
        {
            var frames = Enumerable.Repeat(Content(size), 3).ToList();
            await AssertReadAsync(frames, Cut(Join(frames), longest));
        }
    }

    [Fact]
    public async Task Frames_of_random_sizes_come_through_reads_of_random_sizes()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var frames = Enumerable.Range(0, random.Next(1, 40)).Select(_ => Content(random.Next(1 << random.Next(1, 18)))).ToList();
            await AssertReadAsync(frames, Connections.Pieces(Join(frames), random, 1 << random.Next(4, 18)));
        }
    }

    [Fact]
    public async Task A_large_frame_may_come_byte_by_byte()
    {
        var frames = new List<byte[]> { Content(100_000), Content(3) };
        await AssertReadAsync(frames, Cut(Join(frames), 1));
    }

    [Fact]
    public async Task Many_frames_may_come_in_one_read()
    {
        var frames = Enumerable.Range(0, 5000).Select(number => Content(number % 11)).ToList();
        await AssertReadAsync(frames, [Join(frames)]);
    }

    [Fact]
    public async Task Delimiters_in_a_row_are_empty_frames()
    {
        await AssertReadAsync([[], [], [], Content(1), [], []], [[0x0c, 0x0c], [0x0c], [.. Content(1), 0x0c, 0x0c], [0x0c]]);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(1024)]
    [InlineData(65536)]
    [InlineData(16 * 1024 * 1024)]
    public async Task A_frame_exactly_at_the_limit_is_read(int limit)
    {
        var limits = new StreamLimits { MaxFrameBytes = limit };
        var frames = new List<byte[]> { Content(limit - 1), Content(limit - 1) };
        await AssertReadAsync(frames, Cut(Join(frames), 1 << 20), limits);
    }

    [Theory]
    [InlineData(64, 1)]
    [InlineData(64, 1000)]
    [InlineData(1024, 1024)]
    [InlineData(65536, 65536)]
    [InlineData(65536, 1 << 20)]
    [InlineData(16 * 1024 * 1024, 1 << 20)]
    public async Task A_frame_over_the_limit_closes(int limit, int longest)
    {
        var limits = new StreamLimits { MaxFrameBytes = limit };
        using var stream = ScriptedStream.Of(Cut(Join([Content(5), Content(limit)]), longest));
        await using var channel = Connections.Channel(stream, limits);

        Assert.Equal(Content(5), await NextAsync(channel));
        var failure = await Assert.ThrowsAsync<LinkException>(() => NextAsync(channel));

        Assert.Equal(LinkError.TooLarge, failure.Error);
        Assert.True(stream.Closed.IsCompleted);
        Assert.All(stream.Reads, room => Assert.InRange(room, 0, (2 * limit) + (128 * 1024)));
    }

    [Fact]
    public async Task A_frame_that_never_ends_is_not_held_in_memory()
    {
        const int Limit = 256 * 1024;
        using var stream = new ScriptedStream();
        for (var round = 0; round < 64; round++)
        {
            stream.Feed(new byte[64 * 1024]);
        }

        await using var channel = Connections.Channel(stream, new StreamLimits { MaxFrameBytes = Limit });

        Assert.Equal(LinkError.TooLarge, (await Assert.ThrowsAsync<LinkException>(() => NextAsync(channel))).Error);
        Assert.InRange(stream.Reads.Count, Limit / (64 * 1024), (Limit / (64 * 1024)) + 6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(65536)]
    public async Task The_end_of_the_stream_inside_a_frame_is_a_violation(int held)
    {
        using var stream = ScriptedStream.Of([Join([Content(10)]), Content(held)]);
        await using var channel = Connections.Channel(stream);

        Assert.Equal(Content(10), await NextAsync(channel));
        Assert.Equal(LinkError.ProtocolViolation, (await Assert.ThrowsAsync<LinkException>(() => NextAsync(channel))).Error);
        Assert.Equal(LinkError.ProtocolViolation, (await Assert.ThrowsAsync<LinkException>(() => NextAsync(channel))).Error);
    }

    [Fact]
    public async Task The_end_of_the_stream_between_frames_is_clean_and_lasting()
    {
        using var stream = ScriptedStream.Of([Join([Content(10)])]);
        await using var channel = Connections.Channel(stream);

        Assert.Equal(Content(10), await NextAsync(channel));
        Assert.Null(await NextAsync(channel));
        Assert.Null(await NextAsync(channel));
    }

    [Fact]
    public async Task A_broken_stream_is_a_lost_connection()
    {
        using var stream = new ScriptedStream();
        stream.Feed(Join([Content(10)]));
        stream.End(new IOException("broken"));
        await using var channel = Connections.Channel(stream);

        Assert.Equal(Content(10), await NextAsync(channel));
        var failure = await Assert.ThrowsAsync<LinkException>(() => NextAsync(channel));
        Assert.Equal(LinkError.ConnectionLost, failure.Error);
        Assert.Contains("broken", failure.Message);
    }

    [Fact]
    public async Task Escapes_and_characters_may_be_cut_at_every_byte_of_a_large_message()
    {
        var text = string.Concat(Enumerable.Repeat("é漢😀\\\\u0000\\\\n\\\\\\\"", 150));
        var frame = System.Text.Encoding.UTF8.GetBytes("{\"type\":\"message\",\"data\":\"{\\\"id\\\":1,\\\"data\\\":\\\"" + text + "\\\"}\"}\f");
        var expected = IndependentReader.ReadAll(frame, dialled: false);
        Assert.StartsWith("request id number 1", expected[0]);
        for (var cut = 1; cut < frame.Length; cut++)
        {
            Assert.Equal(expected, await Connections.ReceiveAsync([frame[..cut], frame[cut..]], dialled: false));
        }
    }

    private static byte[] Content(int size)
    {
        var content = new byte[size];
        for (var index = 0; index < size; index++)
        {
            content[index] = (byte)(0x20 + ((index + size) % 0x5f));
        }

        return content;
    }

    private static byte[] Join(List<byte[]> frames)
    {
        using var joined = new MemoryStream();
        foreach (var frame in frames)
        {
            joined.Write(frame);
            joined.WriteByte(Connections.Delimiter);
        }

        return joined.ToArray();
    }

    private static IEnumerable<byte[]> Cut(byte[] bytes, int longest) => bytes.Chunk(Math.Min(longest, Math.Max(bytes.Length, 1)));

    private static async Task AssertReadAsync(List<byte[]> frames, IEnumerable<byte[]> pieces, StreamLimits? limits = null)
    {
        using var stream = ScriptedStream.Of(pieces);
        await using var channel = Connections.Channel(stream, limits);
        foreach (var frame in frames)
        {
            var read = await NextAsync(channel);
            Assert.True(read.AsSpan().SequenceEqual(frame), $"a frame of {frame.Length} bytes came as {read?.Length}");
        }

        Assert.Null(await NextAsync(channel));
    }

    private static async Task<byte[]?> NextAsync(FrameChannel channel)
    {
        while (true)
        {
            if (channel.TryRead(out var frame))
            {
                return frame.ToArray();
            }

            if (!await Within.Deadline(channel.FillAsync()))
            {
                return null;
            }
        }
    }
}

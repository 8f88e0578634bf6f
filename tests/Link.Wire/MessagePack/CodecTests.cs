using Link.Abstractions;
using Link.Masterless.MessagePack;
using Link.Streams;
using Link.Testing;
using Link.Wire.Support;

namespace Link.Wire.MessagePack;

/// <summary>Where a value ends in a stream, and what is refused before it is there.</summary>
public sealed class CodecTests
{
    private const int Limit = 1024;
    private const int LongestHead = 6;

    private static readonly byte[][] Values =
    [
        .. new[]
        {
            "c0", "7f", "e0", "ccff", "cdffff", "ceffffffff", "cfffffffffffffffff", "d080", "d18000", "d280000000", "d38000000000000000", "ca3fc00000",
            "cb3ff8000000000000", "a0", "a3616263", "d903616263", "da0003616263", "db00000003616263", "c403c1c1c1", "c50003c1c1c1", "c600000003c1c1c1",
            "90", "930102a0", "dc000101", "dd0000000101", "80", "82a16101a16202", "de0001c0c0", "df00000001c0c0", "d401c1", "d501c1c1", "d6ffc1c1c1c1",
            "d701c1c1c1c1c1c1c1c1", "d801c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1", "c70101c1", "c8000101c1", "c90000000101c1", "c70001",
            "82a16193818101c00290c0a16282a1789080a0", "92dc0000de0000", "939390909091919190c0",
        }.Select(Convert.FromHexString),
    ];

    [Fact]
    public async Task Values_that_are_cut_at_every_offset_are_read_one_by_one()
    {
        var stream = Values.SelectMany(value => value).ToArray();
        for (var cut = 0; cut <= stream.Length; cut++)
        {
            Assert.Equal(Values, await ReadAsync([stream[..cut], stream[cut..]]));
        }
    }

    [Fact]
    public async Task Values_that_come_byte_by_byte_are_read_one_by_one() =>
        Assert.Equal(Values, await ReadAsync(Connections.EveryByte([.. Values.SelectMany(value => value)])));

    [Fact]
    public async Task A_value_that_the_end_of_the_stream_cuts_is_a_violation()
    {
        var error = await Assert.ThrowsAsync<LinkException>(() => ReadAsync([[0x92, 0x01]]));

        Assert.Equal(LinkError.ProtocolViolation, error.Error);
    }

    [Fact]
    public void What_was_looked_at_is_not_looked_at_again()
    {
        byte[] value = [0xdc, 0x40, 0x00, .. Enumerable.Repeat<byte[]>([0xa2, 0x61, 0x61, 0x01, 0x81, 0x01, 0xcd, 0x01, 0x01], 0x4000 / 3).SelectMany(part => part), 0x01];
        var codec = Cut.Codec();
        for (var length = 1; length < value.Length; length++)
        {
            Assert.False(codec.TryFindFrame(value.AsSpan(0, length), length - 1, out _, out _));

            // The head of the last element may have to be read again.
            if (length > LongestHead)
            {
                value[length - LongestHead - 1] = 0xc1;
            }
        }

        Assert.True(codec.TryFindFrame(value, value.Length - 1, out var frame, out var consumed));
        Assert.Equal((..value.Length, value.Length), (frame, consumed));
    }

    [Fact]
    public void A_value_begins_anew_after_the_one_before()
    {
        byte[] deep = [.. Enumerable.Repeat((byte)0x91, MessagePackHead.MaxDepth), 0x01];
        var codec = Cut.Codec();

        Assert.False(codec.TryFindFrame(deep.AsSpan(0, MessagePackHead.MaxDepth), 0, out _, out _));
        Assert.True(codec.TryFindFrame(deep, 0, out var frame, out _));
        Assert.Equal(..deep.Length, frame);
    }

    [Theory]
    [InlineData("da 03fd")]
    [InlineData("c5 03fd")]
    [InlineData("dc 03fd")]
    [InlineData("93 01 01 da 03fa")]
    [InlineData("92 da 03fb")]
    [InlineData("92 dc 03fb")]
    [InlineData("92 93 82 c400 db 000003f1")]
    public void A_value_as_large_as_the_limit_is_waited_for_and_a_larger_one_is_not(string hex)
    {
        var bytes = Bytes(hex);
        Assert.False(Cut.Codec(Limit).TryFindFrame(bytes, 0, out _, out _));

        Increase(bytes);

        var error = Assert.Throws<LinkException>(() => Cut.Codec(Limit).TryFindFrame(bytes, 0, out _, out _));
        Assert.Equal((LinkError.TooLarge, RequestFate.Unknown), (error.Error, error.Fate));
        Assert.Contains("other (memory)", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Peer);
    }

    [Theory]
    [InlineData("db ffffffff")]
    [InlineData("c6 ffffffff")]
    [InlineData("c9 ffffffff 01")]
    [InlineData("dd ffffffff")]
    [InlineData("df ffffffff")]
    [InlineData("df 80000000")]
    [InlineData("9f dd ffffffff")]
    [InlineData("81 dd 7fffffff")]
    [InlineData("93 dd 00ffffff 01 dd 00ffffff")]
    public async Task A_length_that_can_never_come_is_refused_at_once(string hex)
    {
        var error = await Assert.ThrowsAsync<LinkException>(() => ReadAsync([Bytes(hex)], endsToo: false));

        Assert.Equal(LinkError.TooLarge, error.Error);
    }

    [Theory]
    [InlineData("c1")]
    [InlineData("92 01 c1")]
    [InlineData("81 c1")]
    [InlineData("81 01 c1")]
    public async Task The_byte_that_begins_no_value_is_refused_at_once(string hex)
    {
        var error = await Assert.ThrowsAsync<LinkException>(() => ReadAsync([Bytes(hex)], endsToo: false));

        Assert.Equal((LinkError.ProtocolViolation, RequestFate.Unknown), (error.Error, error.Fate));
        Assert.Contains("other (memory)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("91", "c0")]
    [InlineData("81 01", "c0")]
    [InlineData("92 00", "c0")]
    [InlineData("81", "90")]
    public void A_value_that_is_too_deep_is_refused_at_once(string around, string inner)
    {
        var levels = inner == "c0" ? 65 : 64;
        Assert.NotEqual($"{LinkError.ProtocolViolation}", Describe(levels));
        Assert.Equal($"{LinkError.ProtocolViolation}", Describe(levels + 1));

        string Describe(int count)
        {
            var bytes = Bytes(string.Concat(Enumerable.Repeat(around, count)) + inner);
            return Cut.Describe(bytes, [bytes.Length]);
        }
    }

    [Fact]
    public void Neighbours_do_not_add_up_to_depth()
    {
        byte[] bytes = [0xdc, 0x01, 0x00, .. Enumerable.Repeat<byte[]>([0x91, 0x91, 0x90], 256).SelectMany(part => part)];

        Assert.Equal($"{bytes.Length}", Cut.Describe(bytes, [bytes.Length]));
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>Adds one to the number that ends the bytes.</summary>
    private static void Increase(byte[] bytes)
    {
        if (++bytes[^1] == 0)
        {
            bytes[^2]++;
        }
    }

    /// <summary>What a channel makes of these pieces.</summary>
    private static async Task<List<byte[]>> ReadAsync(IEnumerable<byte[]> pieces, bool endsToo = true)
    {
        using var stream = new ScriptedStream();
        foreach (var piece in pieces)
        {
            stream.Feed(piece);
        }

        if (endsToo)
        {
            stream.End();
        }

        var (limits, peer) = (new StreamLimits(), Connections.PeerOf(dialled: true));
        await using var channel = new FrameChannel(stream, new MessagePackCodec(limits, () => peer), limits, peer, TimeProvider.System);
        var values = new List<byte[]>();
        do
        {
            while (channel.TryRead(out var frame))
            {
                values.Add(frame.ToArray());
            }
        }
        while (await Within.Deadline(channel.FillAsync().AsTask()));
        return values;
    }
}

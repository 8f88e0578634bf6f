using Link.Masterless.MessagePack;
using Link.Wire.Support;

namespace Link.Wire.MessagePack;

/// <summary>What masterless-msgpack wrote, and what it made of bytes.</summary>
public sealed class VectorTests
{
    private const int WrittenForms = 44;
    private const int RecordedPackets = 336;

    /// <summary>JSON text for each recorded value that has one, by its place in the scenario.</summary>
    private static readonly Dictionary<int, string> Texts = new()
    {
        [26] = "18446744073709551616",
        [31] = "\"\"",
        [32] = $"\"{new string('x', 31)}\"",
        [33] = $"\"{new string('x', 32)}\"",
        [34] = "\"é漢😀\"",
        [35] = "\"\\ud800\"",
        [37] = $"[{string.Join(',', Enumerable.Repeat(1, 15))}]",
        [38] = $"[{string.Join(',', Enumerable.Repeat(1, 16))}]",
        [40] = "{\"k\":null}",
        [41] = "{\"b\":1,\"2\":2,\"1\":1}",
        [42] = "{\"b\":{\"type\":\"Buffer\",\"data\":[1,2]}}",
        [43] = "{\"type\":\"Buffer\",\"data\":[1,2]}",
        [44] = "{\"d\":\"1970-01-01T00:00:00.000Z\"}",
    };

    /// <summary>NaN, the infinities and undefined: not in JSON.</summary>
    private static readonly int[] WithoutText = [23, 24, 25, 30];

    [Fact]
    public void Every_value_is_written_as_the_original_wrote_it()
    {
        var lines = Recording.Of(Recording.MasterlessMessagePack, "encodings").ToList();

        Assert.Equal(WrittenForms, lines.Count);
        Assert.All(lines.Where(line => !WithoutText.Contains(line.Sequence)), line =>
        {
            var json = Texts.GetValueOrDefault(line.Sequence) ?? Described.Unquote(line.Value!);

            // The original gives up 2 to the 64th, and writes 0.
            var expected = line.Sequence == 26 ? "cb43f0000000000000" : Convert.ToHexStringLower(line.Bytes);
            Assert.Equal((line.ToString(), expected), (line.ToString(), Transcoded.Hex(json)));
        });
    }

    [Fact]
    public void What_the_original_decoded_is_read_as_the_same_value()
    {
        var lines = Recording.Of(Recording.MasterlessMessagePack, "decodings").Where(line => line.Event == "decoded").ToList();

        Assert.Equal(5, lines.Count);
        Assert.All(lines, line =>
        {
            var expected = line.Value == "\"buffer 0102\"" ? "{\"type\":\"Buffer\",\"data\":[1,2]}" : line.Value;
            Assert.Equal(expected, Transcoded.Json(line.Bytes));
        });
    }

    [Theory]
    [InlineData("81a161", "waits for more bytes")]
    [InlineData("c8", "waits for more bytes")]
    [InlineData("c1", "throws: Error de-serializing object")]
    [InlineData("dfffffffff", "throws: Error de-serializing object")]
    [InlineData("ddffffffff", "throws: Error de-serializing object")]
    public void What_the_original_did_not_decode_is_refused(string hex, string original)
    {
        var line = Recording.Of(Recording.MasterlessMessagePack, "decodings").Single(line => Convert.ToHexStringLower(line.Bytes) == hex);

        Assert.Equal(original, line.Event);
        Assert.Throws<MessagePackException>(() => Transcoded.Json(line.Bytes));
    }

    [Theory]
    [InlineData("c7010141", "{\"type\":1,\"data\":{\"type\":\"Buffer\",\"data\":[65]}}")]
    [InlineData("d40102", "{\"type\":1,\"data\":{\"type\":\"Buffer\",\"data\":[2]}}")]
    public void An_extension_which_ended_the_original_is_read_without_harm(string hex, string json)
    {
        Assert.Single(Recording.Of(Recording.MasterlessMessagePack, "decodings"), line => Convert.ToHexStringLower(line.Bytes) == hex);

        Assert.Equal(json, Transcoded.Json(hex));
    }

    [Fact]
    public void Every_recorded_packet_is_read_and_written_back_to_the_same_bytes()
    {
        var packets = Streams().SelectMany(Packets).ToList();

        Assert.Equal(RecordedPackets, packets.Count);
        Assert.All(packets, packet => Assert.Equal(Convert.ToHexStringLower(packet), Transcoded.Hex(Transcoded.Json(packet))));
    }

    /// <summary>What one side of a connection wrote, up to where hand-made bytes stop being MessagePack. No extension is ever written.</summary>
    private static IEnumerable<byte[]> Streams() =>
        from line in Recording.MasterlessMessagePack
        where line.Scenario is not ("encodings" or "decodings" or "raw-ext-type")
        group line.Bytes by (line.Scenario, line.Connection, line.From) into stream
        select stream.SelectMany(bytes => bytes).ToArray();

    private static IEnumerable<byte[]> Packets(byte[] stream)
    {
        for (var rest = stream; Cut.First(rest) is { Length: > 0 } packet; rest = rest[packet.Length..])
        {
            yield return packet;
        }
    }
}

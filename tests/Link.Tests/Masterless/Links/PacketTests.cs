using System.Text;
using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Masterless.Packets;

namespace Link.Tests.Masterless.Links;

/// <summary>SPEC.md, "masterless: packets": what a frame means.</summary>
public sealed class PacketTests
{
    private static readonly JsonLines Lines = new();

    [Theory]
    [InlineData("true")]
    [InlineData(" true\t")]
    [InlineData("true\r")]
    public void The_word_true_is_a_heartbeat(string line) => Assert.Equal(PacketKind.Heartbeat, Read(line).Kind);

    [Theory]
    [InlineData("[true]", true)]
    [InlineData("[1]", true)]
    [InlineData("[\"0\"]", true)]
    [InlineData("[{}]", true)]
    [InlineData("[[]]", true)]
    [InlineData("[-0.5,false]", true)]
    [InlineData("[false]", false)]
    [InlineData("[]", false)]
    [InlineData("[0]", false)]
    [InlineData("[-0.0]", false)]
    [InlineData("[\"\"]", false)]
    [InlineData("[null,true]", false)]
    [InlineData(" [ true ] ", true)]
    public void Every_array_says_whether_the_peer_keeps(string line, bool keeps)
    {
        var packet = Read(line);
        Assert.Equal(PacketKind.Keep, packet.Kind);
        Assert.Equal(keeps, packet.Keeps);
        Assert.False(packet.IsLink);
    }

    [Theory]
    [InlineData("[true,\"link\"]", true)]
    [InlineData("[false,\"link\",1]", false)]
    public void A_node_of_Link_says_so_behind_what_it_keeps(string line, bool keeps) =>
        Assert.Equal(new Packet(PacketKind.Keep, Keeps: keeps, IsLink: true), Read(line));

    [Fact]
    public void The_word_null_is_the_end() => Assert.Equal(PacketKind.End, Read("null").Kind);

    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData("\"text\"")]
    [InlineData("5")]
    [InlineData("0")]
    [InlineData("false")]
    [InlineData("\"\"")]
    [InlineData("{\"id\":\"x\"}")]
    public void Anything_else_is_for_the_application(string line) => Assert.Equal(line, Text(Read(line)));

    [Theory]
    [InlineData("")]
    [InlineData(" \t")]
    [InlineData("[true")]
    [InlineData("[true]]")]
    [InlineData("[true,]")]
    [InlineData("[tru]")]
    public void An_empty_line_and_a_broken_array_are_malformed(string line) => Assert.ThrowsAny<JsonException>(() => Read(line));

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void What_is_written_about_keeping_is_read_alike(bool keeps, bool isLink) =>
        Assert.Equal(new Packet(PacketKind.Keep, Keeps: keeps, IsLink: isLink), Lines.Read(Lines.Keep(keeps, isLink)));

    [Theory]
    [InlineData("""{"id":"b073","info":"tcp://127.0.0.1:18302"}""", "b073", "tcp://127.0.0.1:18302", null, false)]
    [InlineData("""{"priority":0.4487366310756853}""", null, null, 0.4487366310756853, false)]
    [InlineData("""{"priority":1e400}""", null, null, double.PositiveInfinity, false)]
    [InlineData("""{"priority":"1"}""", null, null, null, false)]
    [InlineData("""{"priority":null}""", null, null, null, false)]
    [InlineData("""{"confirm":true,"x":{}}""", null, null, null, true)]
    [InlineData("""{"confirm":"no"}""", null, null, null, true)]
    [InlineData("""{"confirm":""}""", null, null, null, false)]
    [InlineData("""{"confirm":0}""", null, null, null, false)]
    [InlineData("""{"id":""}""", null, null, null, false)]
    [InlineData("""{"id":5}""", null, null, null, false)]
    [InlineData("""{"id":"a","id":"\u0062"}""", "b", null, null, false)]
    [InlineData("""{"\u0069d":"a","info":5}""", "a", null, null, false)]
    [InlineData("""[true]""", null, null, null, false)]
    [InlineData("""null""", null, null, null, false)]
    [InlineData("\"text\"", null, null, null, false)]
    public void A_packet_of_the_handshake_is_its_members(string line, string? id, string? info, double? priority, bool confirms)
    {
        var packet = HandshakePacket.Read(Read(line));
        Assert.Equal((id, info, priority, confirms, false), (packet.Id, packet.Info, packet.Priority, packet.Confirms, packet.IsHeartbeat));
    }

    [Fact]
    public void An_id_has_at_most_256_characters()
    {
        Assert.NotNull(HandshakePacket.Read(Read($"{{\"id\":\"{new string('x', 256)}\"}}")).Id);
        Assert.Null(HandshakePacket.Read(Read($"{{\"id\":\"{new string('x', 257)}\"}}")).Id);
    }

    [Theory]
    [InlineData("{\"id\":\"a\"")]
    [InlineData("{\"id\":\"a\"} x")]
    [InlineData("tru")]
    [InlineData("{'id':'a'}")]
    public void A_packet_of_the_handshake_that_is_not_JSON_is_malformed(string line) =>
        Assert.ThrowsAny<JsonException>(() => HandshakePacket.Read(Read(line)));

    [Fact]
    public void A_packet_of_the_handshake_that_is_not_UTF8_is_malformed() =>
        Assert.ThrowsAny<JsonException>(() => HandshakePacket.Read(Lines.Read([.. "{\"id\":\""u8, 0xff, .. "\"}"u8])));

    [Fact]
    public void A_packet_with_line_ends_in_its_white_space_stays_on_one_line()
    {
        using var output = new PooledBuffer();
        output.Write("before"u8);
        Lines.Encode(output, 0, static (buffer, _) => buffer.Write("{\r\n  \"a\":\r\r\n\n[1,\r\n\"\\r\\n\"]\r\n}"u8));
        Assert.Equal("before{   \"a\":\r \n[1, \"\\r\\n\"] } ", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Lines_end_with_CR_LF_wherever_reads_cut_them()
    {
        var codec = new CrLfCodec(() => new Peer { Endpoint = "tcp://127.0.0.1:1" });
        var bytes = "{\"a\":\"\n\"}\r\r\nx\r\n"u8;
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var isThere = codec.TryFindFrame(bytes[..cut], 0, out _, out _);
            Assert.Equal(cut >= 12, isThere);
            if (!isThere)
            {
                Assert.True(codec.TryFindFrame(bytes, cut, out var frame, out var consumed));
                Assert.Equal((0, 10, 12), (frame.Start.Value, frame.End.Value, consumed));
            }
        }
    }

    [Theory]
    [InlineData(0x80)]
    [InlineData(0x82)]
    [InlineData(0xff)]
    public void A_line_that_can_never_be_JSON_is_refused_with_its_first_byte(byte first)
    {
        var codec = new CrLfCodec(() => new Peer { Name = "two", Endpoint = "tcp://127.0.0.1:1" });

        var refusal = Assert.Throws<LinkException>(() => codec.TryFindFrame([first], 0, out _, out _));

        Assert.Equal(LinkError.ProtocolViolation, refusal.Error);
        Assert.StartsWith("two (tcp://127.0.0.1:1)", refusal.Message, StringComparison.Ordinal);
    }

    private static Packet Read(string line) => Lines.Read(Encoding.UTF8.GetBytes(line));

    private static string Text(Packet packet) => Encoding.UTF8.GetString(packet.Json.Span);
}

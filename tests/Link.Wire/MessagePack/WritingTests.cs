using System.Text.Json;
using Link.Abstractions.Buffers;
using Link.Masterless.MessagePack;

namespace Link.Wire.MessagePack;

/// <summary>JSON written as MessagePack, in the forms of masterless-msgpack.</summary>
public sealed class WritingTests
{
    [Theory]
    [InlineData("4294967295", "ceffffffff")]
    [InlineData("4294967296", "cf0000000100000000")]
    [InlineData("9007199254740993", "cf0020000000000001")]
    [InlineData("9223372036854775807", "cf7fffffffffffffff")]
    [InlineData("9223372036854775808", "cf8000000000000000")]
    [InlineData("18446744073709551615", "cfffffffffffffffff")]
    [InlineData("18446744073709551616", "cb43f0000000000000")]
    [InlineData("-2147483648", "d280000000")]
    [InlineData("-2147483649", "d3ffffffff7fffffff")]
    [InlineData("-9223372036854775808", "d38000000000000000")]
    [InlineData("-9223372036854775809", "d38000000000000000")]
    [InlineData("-9223372036854777856", "cbc3e0000000000001")]
    public void Integers_of_64_bits_are_exact_and_larger_ones_doubles(string json, string hex) => Assert.Equal(hex, Transcoded.Hex(json));

    [Theory]
    [InlineData("-0", "00")]
    [InlineData("-0.0", "00")]
    [InlineData("0e5", "00")]
    [InlineData("1.0", "01")]
    [InlineData("1e3", "cd03e8")]
    [InlineData("-1e0", "ff")]
    [InlineData("12.7e1", "7f")]
    [InlineData("1e19", "cf8ac7230489e80000")]
    [InlineData("-1e18", "d3f21f494c589c0000")]
    [InlineData("1e20", "cb4415af1d78b58c40")]
    [InlineData("-1e19", "cbc3e158e460913d00")]
    [InlineData("1e-400", "00")]
    [InlineData("5e-324", "cb0000000000000001")]
    [InlineData("1e400", "cb7ff0000000000000")]
    [InlineData("-1e400", "cbfff0000000000000")]
    public void A_number_is_written_by_its_value_and_not_by_its_text(string json, string hex) => Assert.Equal(hex, Transcoded.Hex(json));

    [Theory]
    [InlineData(31, "bf")]
    [InlineData(32, "d920")]
    [InlineData(255, "d9ff")]
    [InlineData(256, "da0100")]
    [InlineData(65535, "daffff")]
    [InlineData(65536, "db00010000")]
    public void Text_is_measured_in_UTF8(int length, string head)
    {
        var text = new string('é', length / 2) + (length % 2 == 1 ? "x" : "");

        var hex = Transcoded.Hex($"\"{text}\"");

        Assert.StartsWith(head, hex, StringComparison.Ordinal);
        Assert.Equal(head.Length + (2 * length), hex.Length);
        Assert.Equal(hex, Transcoded.Hex($"\"{text.Replace("é", "\\u00e9", StringComparison.Ordinal)}\""));
    }

    [Theory]
    [InlineData("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\"", "a9225c2f080c0a0d0900")]
    [InlineData("\"\\ud83d\\ude00\"", "a4f09f9880")]
    [InlineData("\"\\ud83dx\"", "a4efbfbd78")]
    [InlineData("\"\\ude00\\ud83d\"", "a6efbfbdefbfbd")]
    [InlineData("{\"\\u0061\":\"\\u0062\"}", "81a161a162")]
    public void Escapes_are_undone_and_half_a_pair_is_replaced(string json, string hex) => Assert.Equal(hex, Transcoded.Hex(json));

    [Theory]
    [InlineData(15, "9f", "8f")]
    [InlineData(16, "dc0010", "de0010")]
    [InlineData(65535, "dcffff", "deffff")]
    [InlineData(65536, "dd00010000", "df00010000")]
    public void Arrays_and_maps_are_measured_in_elements(int count, string array, string map)
    {
        var items = Enumerable.Repeat("1", count);

        Assert.Equal(array + string.Concat(Enumerable.Repeat("01", count)), Transcoded.Hex($"[{string.Join(',', items)}]"));
        Assert.Equal(map + string.Concat(Enumerable.Repeat("a16101", count)), Transcoded.Hex($"{{{string.Join(',', items.Select(item => $"\"a\":{item}"))}}}"));
    }

    [Theory]
    [InlineData("{\"1\":1,\"2\":2,\"b\":3}", "83 0101 0202 a16203")]
    [InlineData("{\"b\":3,\"2\":[1,{\"x\":0}],\"1\":\"z\"}", "83 01a17a 02920181a17800 a16203")]
    [InlineData("{\"300\":1,\"\\u0032\\u0030\\u0030\":2}", "82 ccc802 cd012c01")]
    [InlineData("{\"a\":1,\"4294967294\":2,\"4294967295\":3,\"70000\":4}", "84 ce0001117004 cefffffffe02 a16101 aa3432393439363732393503")]
    [InlineData("{\"01\":1,\"-1\":2,\"1.0\":3,\"0\":4,\"\":5}", "85 0004 a2303101 a22d3102 a3312e3003 a005")]
    [InlineData("[{\"x\":{\"b\":1,\"0\":2},\"7\":3}]", "91 82 0703 a17882 0002 a16201")]
    public void Names_that_are_indexes_become_integers_and_come_first(string json, string hex) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Transcoded.Hex(json));

    [Theory]
    [InlineData("{\"a\":1,\"a\":2}", "82 a16101 a16102")]
    [InlineData("{\"1\":1,\"0\":0,\"1\":2}", "83 0000 0101 0102")]
    public void Every_one_of_a_repeated_member_is_written_the_last_one_last(string json, string hex) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Transcoded.Hex(json));

    [Theory]
    [InlineData("[{\"type\":\"Buffer\",\"data\":[]}]", "91 c400")]
    [InlineData("[ { \"type\" : \"Buffer\" , \"data\" : [ 0 , 255 ] } , 1 ]", "92 c40200ff 01")]
    [InlineData("[{\"type\":\"Buffer\",\"data\":[256]}]", "91 82 a474797065 a6427566666572 a464617461 91cd0100")]
    [InlineData("[{\"type\":\"Buffer\",\"data\":[1,\"x\"]}]", "91 82 a474797065 a6427566666572 a464617461 9201a178")]
    [InlineData("[{\"type\":\"Buffer\",\"data\":[1],\"x\":1}]", "91 83 a474797065 a6427566666572 a464617461 9101 a17801")]
    [InlineData("[{\"type\":\"Buffer\",\"data\":1}]", "91 82 a474797065 a6427566666572 a464617461 01")]
    [InlineData("[{\"type\":\"Buffer\"}]", "91 81 a474797065 a6427566666572")]
    [InlineData("[{\"type\":\"buffer\",\"data\":[]}]", "91 82 a474797065 a6627566666572 a464617461 90")]
    [InlineData("[{\"data\":[],\"type\":\"Buffer\"}]", "91 82 a464617461 90 a474797065 a6427566666572")]
    public void The_form_of_a_byte_buffer_inside_a_packet_becomes_bytes(string json, string hex) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Transcoded.Hex(json));

    [Theory]
    [InlineData(255, "c4ff")]
    [InlineData(256, "c50100")]
    [InlineData(65535, "c5ffff")]
    [InlineData(65536, "c600010000")]
    public void Bytes_take_the_shortest_head(int length, string head) => Assert.Equal(
        "91" + head + string.Concat(Enumerable.Repeat("07", length)),
        Transcoded.Hex($"[{{\"type\":\"Buffer\",\"data\":[{string.Join(',', Enumerable.Repeat(7, length))}]}}]"));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("1 2")]
    [InlineData("[1,]")]
    [InlineData("[1")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\"}")]
    [InlineData("[{\"type\":\"Buffer\",\"data\":[1")]
    [InlineData("01")]
    [InlineData("NaN")]
    [InlineData("'a'")]
    [InlineData("// c")]
    [InlineData("\ufeff1")]
    public void What_is_not_strict_JSON_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => Transcoded.Hex(json));

    [Fact]
    public void What_is_not_UTF8_is_refused()
    {
        using var output = new PooledBuffer();

        Assert.ThrowsAny<JsonException>(() => JsonToMessagePack.Write(output, [(byte)'"', 0xff, (byte)'"']));
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void A_value_may_have_one_level_more_than_JSON(string open, string close)
    {
        Transcoded.Hex(Nested(65));

        Assert.ThrowsAny<JsonException>(() => Transcoded.Hex(Nested(66)));

        string Nested(int levels) => string.Concat(Enumerable.Repeat(open, levels)) + "1" + string.Concat(Enumerable.Repeat(close, levels));
    }

    [Fact]
    public void A_value_is_appended_to_what_is_there()
    {
        using var output = new PooledBuffer();
        output.Write([0xaa, 0xbb]);

        JsonToMessagePack.Write(output, "{\"b\":1,\"1\":[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7]}"u8);

        Assert.Equal("aabb8201dc001101020304050607080900010203040506" + "07a16201", Convert.ToHexStringLower(output.WrittenSpan));
    }
}

using System.Text;
using Link.Masterless.MessagePack;

namespace Link.Wire.MessagePack;

/// <summary>Every form of the MessagePack specification, at its boundaries, read as JSON.</summary>
public sealed class ReadingTests
{
    [Theory]
    [InlineData("c0", "null")]
    [InlineData("c2", "false")]
    [InlineData("c3", "true")]
    [InlineData("00", "0")]
    [InlineData("7f", "127")]
    [InlineData("e0", "-32")]
    [InlineData("ff", "-1")]
    [InlineData("cc 00", "0")]
    [InlineData("cc ff", "255")]
    [InlineData("cd 0000", "0")]
    [InlineData("cd ffff", "65535")]
    [InlineData("ce 00000000", "0")]
    [InlineData("ce ffffffff", "4294967295")]
    [InlineData("cf 0000000000000000", "0")]
    [InlineData("cf 0020000000000001", "9007199254740993")]
    [InlineData("cf ffffffffffffffff", "18446744073709551615")]
    [InlineData("d0 80", "-128")]
    [InlineData("d0 7f", "127")]
    [InlineData("d1 8000", "-32768")]
    [InlineData("d1 7fff", "32767")]
    [InlineData("d2 80000000", "-2147483648")]
    [InlineData("d2 7fffffff", "2147483647")]
    [InlineData("d3 8000000000000000", "-9223372036854775808")]
    [InlineData("d3 7fffffffffffffff", "9223372036854775807")]
    public void Scalars(string hex, string json) => Assert.Equal(json, Transcoded.Json(hex));

    [Theory]
    [InlineData("ca 3fc00000", "1.5")]
    [InlineData("ca 3dcccccd", "0.10000000149011612")]
    [InlineData("ca 80000000", "0")]
    [InlineData("ca 00000001", "1.401298464324817e-45")]
    [InlineData("ca 7f7fffff", "3.4028234663852886e+38")]
    [InlineData("ca 7f800000", "null")]
    [InlineData("ca ffc00000", "null")]
    [InlineData("cb 3fb999999999999a", "0.1")]
    [InlineData("cb 3ff0000000000000", "1")]
    [InlineData("cb 8000000000000000", "0")]
    [InlineData("cb 43f0000000000000", "18446744073709552000")]
    [InlineData("cb 444b1ae4d6e2ef50", "1e+21")]
    [InlineData("cb 3e7ad7f29abcaf48", "1e-7")]
    [InlineData("cb 0000000000000001", "5e-324")]
    [InlineData("cb 7ff0000000000000", "null")]
    [InlineData("cb fff0000000000000", "null")]
    [InlineData("cb 7ff8000000000000", "null")]
    public void Floating_point_numbers_in_the_form_of_JavaScript(string hex, string json) => Assert.Equal(json, Transcoded.Json(hex));

    [Theory]
    [InlineData("a0", 0)]
    [InlineData("bf", 31)]
    [InlineData("d9 00", 0)]
    [InlineData("d9 ff", 255)]
    [InlineData("da 0000", 0)]
    [InlineData("da ffff", 65535)]
    [InlineData("db 00000000", 0)]
    [InlineData("db 00010000", 65536)]
    public void Text_of_every_width(string head, int length) =>
        Assert.Equal($"\"{new string('x', length)}\"", Transcoded.Json(head + Repeat("78", length)));

    [Theory]
    [InlineData("a2 c3a9", "\"é\"")]
    [InlineData("a4 f09f9880", "\"😀\"")]
    [InlineData("a5 22 5c 0a 00 7f", "\"\\\"\\\\\\n\\u0000\u007f\"")]
    [InlineData("a3 ff41e9", "\"\ufffdA\ufffd\"")]
    [InlineData("a3 eda080", "\"\ufffd\ufffd\ufffd\"")]
    [InlineData("a4 f09f9822", "\"\ufffd\\\"\"")]
    [InlineData("a2 c080", "\"\ufffd\ufffd\"")]
    public void Text_that_needs_escapes_or_is_no_UTF8(string hex, string json) => Assert.Equal(json, Transcoded.Json(hex));

    [Fact]
    public void Broken_text_is_repaired_wherever_its_pieces_end()
    {
        for (var shift = 0; shift < 8; shift++)
        {
            byte[] text = [.. Enumerable.Repeat((byte)'a', shift), .. Enumerable.Repeat("é漢😀\""u8.ToArray(), 1500).SelectMany(part => part), 0xf0, 0x9f];
            byte[] value = [0xda, (byte)(text.Length >> 8), (byte)text.Length, .. text];

            Assert.Equal($"\"{Encoding.UTF8.GetString(text).Replace("\"", "\\\"", StringComparison.Ordinal)}\"", Transcoded.Json(value));
        }
    }

    [Theory]
    [InlineData("c4 00", 0)]
    [InlineData("c4 ff", 255)]
    [InlineData("c5 0000", 0)]
    [InlineData("c5 ffff", 65535)]
    [InlineData("c6 00000000", 0)]
    [InlineData("c6 00010000", 65536)]
    public void Bytes_of_every_width(string head, int length)
    {
        var bytes = Enumerable.Range(0, length).Select(index => (byte)index).ToArray();

        Assert.Equal($"{{\"type\":\"Buffer\",\"data\":[{string.Join(',', bytes)}]}}", Transcoded.Json(head + Convert.ToHexString(bytes)));
    }

    [Theory]
    [InlineData("90", 0)]
    [InlineData("9f", 15)]
    [InlineData("dc 0000", 0)]
    [InlineData("dc ffff", 65535)]
    [InlineData("dd 00000000", 0)]
    [InlineData("dd 00010000", 65536)]
    public void Arrays_of_every_width(string head, int count) =>
        Assert.Equal($"[{string.Join(',', Enumerable.Repeat("1", count))}]", Transcoded.Json(head + Repeat("01", count)));

    [Theory]
    [InlineData("80", 0)]
    [InlineData("8f", 15)]
    [InlineData("de 0000", 0)]
    [InlineData("de ffff", 65535)]
    [InlineData("df 00000000", 0)]
    [InlineData("df 00010000", 65536)]
    public void Maps_of_every_width(string head, int count) =>
        Assert.Equal($"{{{string.Join(',', Enumerable.Repeat("\"k\":1", count))}}}", Transcoded.Json(head + Repeat("a16b01", count)));

    [Theory]
    [InlineData("a16b", "k")]
    [InlineData("a122", "\\\"")]
    [InlineData("a1ff", "\ufffd")]
    [InlineData("07", "7")]
    [InlineData("ff", "-1")]
    [InlineData("cf ffffffffffffffff", "18446744073709551615")]
    [InlineData("cb 3fb999999999999a", "0.1")]
    [InlineData("cb 8000000000000000", "0")]
    [InlineData("cb 7ff8000000000000", "NaN")]
    [InlineData("ca 7f800000", "Infinity")]
    [InlineData("cb fff0000000000000", "-Infinity")]
    [InlineData("c0", "null")]
    [InlineData("c2", "false")]
    [InlineData("c3", "true")]
    [InlineData("c4 02 c3a9", "é")]
    [InlineData("92 01 a161", "[1,\\\"a\\\"]")]
    [InlineData("81 a161 c0", "{\\\"a\\\":null}")]
    [InlineData("81 92a161a162 c0", "{\\\"[\\\\\\\"a\\\\\\\",\\\\\\\"b\\\\\\\"]\\\":null}")]
    [InlineData("d4 05 01", "{\\\"type\\\":5,\\\"data\\\":{\\\"type\\\":\\\"Buffer\\\",\\\"data\\\":[1]}}")]
    [InlineData("d6 ff 00000000", "1970-01-01T00:00:00.000Z")]
    public void Keys_of_every_kind_become_names(string key, string name) =>
        Assert.Equal($"{{\"{name}\":1,\"z\":{{\"{name}\":2}}}}", Transcoded.Json($"82 {key} 01 a17a 81 {key} 02"));

    [Theory]
    [InlineData("d4 05 01", 5, 1)]
    [InlineData("d5 80 0101", -128, 2)]
    [InlineData("d6 7f 01010101", 127, 4)]
    [InlineData("d7 00 0101010101010101", 0, 8)]
    [InlineData("d8 fe 01010101010101010101010101010101", -2, 16)]
    [InlineData("c7 00 05", 5, 0)]
    [InlineData("c7 03 05 010101", 5, 3)]
    [InlineData("c8 0001 05 01", 5, 1)]
    [InlineData("c9 00000001 05 01", 5, 1)]
    [InlineData("c7 05 ff 0101010101", -1, 5)]
    public void Extensions_of_every_width(string hex, int type, int length) => Assert.Equal(
        $"{{\"type\":{type},\"data\":{{\"type\":\"Buffer\",\"data\":[{string.Join(',', Enumerable.Repeat(1, length))}]}}}}", Transcoded.Json(hex));

    [Theory]
    [InlineData("d6 ff 00000000", "1970-01-01T00:00:00.000Z")]
    [InlineData("d6 ff ffffffff", "2106-02-07T06:28:15.000Z")]
    [InlineData("d7 ff ee6b27fc 00000000", "1970-01-01T00:00:00.999Z")]
    [InlineData("d7 ff 00000003 ffffffff", "2514-05-30T01:53:03.000Z")]
    [InlineData("c7 04 ff 00000001", "1970-01-01T00:00:01.000Z")]
    [InlineData("c7 0c ff 00000000 ffffffffffffffff", "1969-12-31T23:59:59.000Z")]
    [InlineData("c7 0c ff 3b9ac9ff fffffffffffffffe", "1969-12-31T23:59:59.000Z")]
    [InlineData("c7 0c ff 00000000 fffffff1868b8400", "0000-01-01T00:00:00.000Z")]
    [InlineData("c7 0c ff 00000000 fffffff1868b83ff", "-000001-12-31T23:59:59.000Z")]
    [InlineData("c7 0c ff 00000000 0000003afff44180", "+010000-01-01T00:00:00.000Z")]
    [InlineData("c7 0c ff 00000000 000007dba8218000", "+275760-09-13T00:00:00.000Z")]
    [InlineData("c7 0c ff 00000000 fffff82457de8000", "-271821-04-20T00:00:00.000Z")]
    public void A_time_is_the_text_of_a_JavaScript_date(string hex, string text) => Assert.Equal($"\"{text}\"", Transcoded.Json(hex));

    [Theory]
    [InlineData("c7 0c ff 00000000 000007dba8218001")]
    [InlineData("c7 0c ff 00000000 fffff82457de7fff")]
    [InlineData("c7 0c ff 00000000 7fffffffffffffff")]
    [InlineData("c7 0c ff ffffffff 8000000000000000")]
    public void A_time_out_of_the_range_of_a_JavaScript_date_is_null(string hex) => Assert.Equal("null", Transcoded.Json(hex));

    [Theory]
    [InlineData("")]
    [InlineData("c1")]
    [InlineData("91 c1")]
    [InlineData("81 c1 01")]
    [InlineData("81 01 c1")]
    [InlineData("00 00")]
    [InlineData("90 c1")]
    public void Anything_but_one_value_is_refused(string hex) => Assert.Throws<MessagePackException>(() => Transcoded.Json(hex));

    [Theory]
    [InlineData("cc 01")]
    [InlineData("cd 0001")]
    [InlineData("ce 00000001")]
    [InlineData("cf 0000000000000001")]
    [InlineData("d0 01")]
    [InlineData("d1 0001")]
    [InlineData("d2 00000001")]
    [InlineData("d3 0000000000000001")]
    [InlineData("ca 3f800000")]
    [InlineData("cb 3ff0000000000000")]
    [InlineData("a2 6161")]
    [InlineData("d9 02 6161")]
    [InlineData("da 0002 6161")]
    [InlineData("db 00000002 6161")]
    [InlineData("c4 02 6161")]
    [InlineData("c5 0002 6161")]
    [InlineData("c6 00000002 6161")]
    [InlineData("92 01 02")]
    [InlineData("dc 0002 01 02")]
    [InlineData("dd 00000002 01 02")]
    [InlineData("82 01 02 03 04")]
    [InlineData("de 0002 01 02 03 04")]
    [InlineData("df 00000002 01 02 03 04")]
    [InlineData("d4 01 01")]
    [InlineData("d5 01 0101")]
    [InlineData("d6 ff 01010101")]
    [InlineData("d7 ff 0101010101010101")]
    [InlineData("d8 01 01010101010101010101010101010101")]
    [InlineData("c7 02 01 0101")]
    [InlineData("c8 0002 01 0101")]
    [InlineData("c9 00000002 01 0101")]
    public void A_value_that_is_cut_anywhere_or_continued_is_refused(string hex)
    {
        var whole = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

        Transcoded.Json(whole);
        Assert.All(Enumerable.Range(0, whole.Length), length => Assert.Throws<MessagePackException>(() => Transcoded.Json(whole.AsSpan(0, length))));
        Assert.Throws<MessagePackException>(() => Transcoded.Json([.. whole, 0]));
    }

    [Theory]
    [InlineData("91", "c0", 65)]
    [InlineData("91", "90", 64)]
    [InlineData("81 01", "80", 64)]
    [InlineData("91", "c4 01 00", 63)]
    [InlineData("91", "d4 00 00", 62)]
    [InlineData("91", "d6 ff 00000000", 65)]
    public void A_value_may_have_one_level_more_than_JSON(string around, string inner, int levels)
    {
        Transcoded.Json(Repeat(around, levels) + inner);

        var error = Assert.Throws<MessagePackException>(() => Transcoded.Json(Repeat(around, levels + 1) + inner));
        Assert.Contains("65 levels", error.Message, StringComparison.Ordinal);
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}

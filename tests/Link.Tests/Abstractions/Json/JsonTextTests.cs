using System.Text;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;

namespace Link.Tests.Abstractions.Json;

public sealed class JsonTextTests
{
    [Fact]
    public void Every_UTF16_unit_survives_quoting_and_unquoting()
    {
        for (var unit = 0; unit <= char.MaxValue; unit++)
        {
            var text = $"a{(char)unit}";
            Assert.Equal(text, JsonText.Unquote(JsonText.Quote(text)));
        }
    }

    [Fact]
    public void Only_controls_quotes_backslashes_and_lone_surrogates_are_escaped()
    {
        for (var unit = 0; unit <= char.MaxValue; unit++)
        {
            var quoted = JsonText.Quote(((char)unit).ToString());
            Assert.Equal(unit < 0x20 || unit is '"' or '\\' || char.IsSurrogate((char)unit), quoted.Contains((byte)'\\'));
        }
    }

    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"")]
    [InlineData("\0\u000b\u001f", "\"\\u0000\\u000b\\u001f\"")]
    [InlineData("\"\\/", "\"\\\"\\\\/\"")]
    [InlineData("😀\u007f\u2028", "\"😀\u007f\u2028\"")]
    public void Strings_are_quoted_as_a_JavaScript_engine_does(string text, string quoted)
    {
        Assert.Equal(quoted, Encoding.UTF8.GetString(JsonText.Quote(text)));
        Assert.Equal(text, JsonText.Unquote(Encoding.UTF8.GetBytes(quoted)));
    }

    [Fact]
    public void A_lone_surrogate_becomes_an_escape_wherever_it_stands()
    {
        // Not inline data: an attribute is stored as UTF-8 and cannot hold one.
        (string Text, string Quoted)[] cases =
        [
            ("\ud83dx", "\"\\ud83dx\""), ("x\ude00", "\"x\\ude00\""), ("\ude00\ud83d", "\"\\ude00\\ud83d\""), ("\ud83d\ud83d\ude00", "\"\\ud83d😀\""),
        ];
        Assert.All(cases, entry =>
        {
            Assert.Equal(entry.Quoted, Encoding.UTF8.GetString(JsonText.Quote(entry.Text)));
            Assert.Equal(entry.Text, JsonText.Unquote(Encoding.UTF8.GetBytes(entry.Quoted)));
        });
        var text = string.Concat(Enumerable.Repeat("\ud800 \"", 5_000));
        Assert.Equal(text, JsonText.Unquote(JsonText.Quote(text)));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("é😀\n")]
    public void Long_strings_are_quoted_whole(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 5_000));
        Assert.Equal(text, JsonText.Unquote(JsonText.Quote(text)));
    }

    [Fact]
    public void Every_character_survives_escaping_and_unescaping()
    {
        for (var code = 0; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 37)
        {
            if (Rune.TryCreate(code, out var rune))
            {
                var text = Encoding.UTF8.GetBytes($"<{rune}>");
                Assert.Equal(text, Unescape(Escape(text) + "\" and more", out _));
            }
        }
    }

    [Theory]
    [InlineData("plain\"", "plain", 5)]
    [InlineData("\"", "", 0)]
    [InlineData("\\/\\b\\u0041\"x", "/\bA", 10)]
    [InlineData("\\ud83d\\ude00\"", "😀", 12)]
    [InlineData("\\uD83D\\uDE00\"", "😀", 12)]
    [InlineData("\\ud83d\"", "\ufffd", 6)]
    [InlineData("\\ude00\\ud83d\"", "\ufffd\ufffd", 12)]
    [InlineData("\\ud83d\\n\"", "\ufffd\n", 8)]
    [InlineData("\\ud83d\\u0041\"", "\ufffdA", 12)]
    public void Escapes_are_undone_up_to_the_closing_quote(string content, string expected, int read)
    {
        Assert.Equal(expected, Encoding.UTF8.GetString(Unescape(content, out var bytes)!));
        Assert.Equal(read, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no end")]
    [InlineData("\\")]
    [InlineData("\\\"")]
    [InlineData("\\x\"")]
    [InlineData("\\u\"")]
    [InlineData("\\u00\"")]
    [InlineData("\\u00g0\"")]
    [InlineData("\\u 041\"")]
    [InlineData("\\u+041\"")]
    [InlineData("\\u004")]
    [InlineData("\\ud83d\\ude0")]
    [InlineData("\\ud83d\\")]
    [InlineData("\n\"")]
    [InlineData("\0\"")]
    public void Bad_or_truncated_strings_are_refused(string content) => Assert.Null(Unescape(content, out _));

    [Theory]
    [InlineData("{}", true)]
    [InlineData(" [1] ", true)]
    [InlineData("", false)]
    [InlineData("{} 1", false)]
    [InlineData("[1,]", false)]
    [InlineData("'a'", false)]
    [InlineData("/**/1", false)]
    [InlineData("\ufeff1", false)]
    public void Only_one_strict_value_is_valid(string json, bool valid) => Assert.Equal(valid, JsonText.IsValid(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Depth_and_encoding_count_for_validity()
    {
        Assert.True(JsonText.IsValid(Encoding.UTF8.GetBytes(new string('[', 64) + new string(']', 64))));
        Assert.False(JsonText.IsValid(Encoding.UTF8.GetBytes(new string('[', 65) + new string(']', 65))));
        Assert.False(JsonText.IsValid([(byte)'"', 0xFF, (byte)'"']));
    }

    private static string Escape(ReadOnlySpan<byte> utf8)
    {
        using var output = new PooledBuffer();
        JsonText.Escape(utf8, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static byte[]? Unescape(string content, out int read)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        var target = new byte[bytes.Length];
        return JsonText.TryUnescape(bytes, target, out read, out var written) ? target[..written] : null;
    }
}

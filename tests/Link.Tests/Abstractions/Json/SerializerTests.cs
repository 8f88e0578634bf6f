using System.Globalization;
using Link.Abstractions;
using Link.Abstractions.Json;
using Newtonsoft.Json.Linq;

namespace Link.Tests.Abstractions.Json;

/// <summary>What every serializer of Link does alike: a class per serializer joins below.</summary>
public abstract class SerializerTests(IPayloadSerializer serializer)
{
    public enum Colour
    {
        Red,
        Green,
    }

    [Fact]
    public void Doubles_have_the_text_of_a_JavaScript_engine()
    {
        Assert.True(JavaScriptData.Doubles.Count >= 60);
        Assert.All(JavaScriptData.Doubles, entry => Assert.Equal(entry.Text, serializer.Write(entry.Value)));
        Assert.All(JavaScriptData.Doubles, entry => Assert.Equal(entry.Text, serializer.Write(new JValue(entry.Value))));
    }

    [Fact]
    public void Tokens_come_out_as_a_JavaScript_engine_would_write_them() =>
        Assert.All(JavaScriptData.RoundTrips, entry => Assert.Equal(entry.Output, serializer.Write(serializer.Read<JToken>(entry.Input))));

    [Fact]
    public void Values_have_the_text_captured_from_node_ipc()
    {
        Assert.Equal("""{"a":1,"b":[true,null,1.5,"x"]}""", serializer.Write(new { a = 1, b = new object?[] { true, null, 1.5, "x" } }));
        Assert.Equal("\"hello\"", serializer.Write("hello"));
        Assert.Equal("42", serializer.Write(42));
        Assert.Equal("false", serializer.Write(false));
        Assert.Equal("[1,2]", serializer.Write(new[] { 1, 2 }));
        Assert.Equal("[]", serializer.Write(Array.Empty<string>()));
        Assert.Equal("\"1970-01-01T00:00:00.000Z\"", serializer.Write(DateTime.UnixEpoch));
        Assert.Equal("""{"type":"Buffer","data":[104,105]}""", serializer.Write("hi"u8.ToArray()));
        Assert.Equal("\"é漢😀\u2028\"", serializer.Write("é漢😀\u2028"));
        Assert.Equal("\"\\f\\u0000\\n\\u0001\u007f\"", serializer.Write("\f\0\n\u0001\u007f"));
        Assert.Equal("\"\\\"\\\\/<>&\"", serializer.Write("\"\\/<>&"));
        Assert.Equal("[1e+21,1e-7,0.1,0,123456789012345680000,1,5e-324]", serializer.Write(new[] { 1e21, 1e-7, 0.1, -0.0, 123456789012345680000.0, 1, 5e-324 }));
        Assert.Equal("\"\\ud800\"", serializer.Write("\ud800"));
        Assert.Equal("""{"k":1}""", serializer.Write(new JObject { ["u"] = JValue.CreateUndefined(), ["k"] = 1, ["v"] = JValue.CreateUndefined() }));
        Assert.Equal("""{"1":"one","2":"two","b":1,"a":2}""", serializer.Write(new Dictionary<string, object> { ["b"] = 1, ["2"] = "two", ["a"] = 2, ["1"] = "one" }));
    }

    [Fact]
    public void Strings_escape_what_a_JavaScript_engine_escapes()
    {
        Assert.Equal("\"\u0080\u0085\u2028\u2029\ue000\uffff\"", serializer.Write("\u0080\u0085\u2028\u2029\ue000\uffff"));
        Assert.Equal("\"\\u001b\\u000b'+`\"", serializer.Write("\u001b\u000b'+`"));
        Assert.Equal("\"x\\udc00\\ud83dy😀\"", serializer.Write("x\udc00\ud83dy😀"));
        Assert.Equal("""{"é\n\"😀":1}""", serializer.Write(new Dictionary<string, int> { ["é\n\"😀"] = 1 }));
    }

    [Fact]
    public void Numbers_of_other_types_keep_all_their_digits()
    {
        Assert.Equal("[0.1,16777216,1e+21,3.4028235e+38,null,1e-45]", serializer.Write(new[] { 0.1f, 16777216f, 1e21f, float.MaxValue, float.NaN, float.Epsilon }));
        Assert.Equal("[1.5,0,0,100,0.0000001,-2.25]", serializer.Write(new[] { 1.500m, 0.00m, -0.0m, 100m, 0.0000001m, -2.250m }));
        Assert.Equal("79228162514264337593543950335", serializer.Write(decimal.MaxValue));
        Assert.Equal("[9223372036854775807,-9223372036854775808]", serializer.Write(new[] { long.MaxValue, long.MinValue }));
        Assert.Equal("18446744073709551615", serializer.Write(ulong.MaxValue));
    }

    [Fact]
    public void Dates_are_UTC_with_milliseconds()
    {
        var local = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Local);
        Assert.Equal("\"2026-03-01T12:00:00.123Z\"", serializer.Write(new DateTime(2026, 3, 1, 12, 0, 0, 123).AddTicks(4567)));
        Assert.Equal(serializer.Write(local.ToUniversalTime()), serializer.Write(local));
        Assert.Equal("\"2026-03-01T10:30:00.000Z\"", serializer.Write(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.FromMinutes(90))));
        Assert.Equal(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc), serializer.Read<DateTime>("\"2026-03-01T12:00:00.000Z\""));
    }

    [Fact]
    public void Other_types_are_strings_and_enums_are_numbers()
    {
        Assert.Equal("\"01020304-0506-0708-090a-0b0c0d0e0f10\"", serializer.Write(new Guid("01020304-0506-0708-090a-0b0c0d0e0f10")));
        Assert.Equal("\"1.02:03:04\"", serializer.Write(new TimeSpan(1, 2, 3, 4)));
        Assert.Equal("\"http://x/y?z\"", serializer.Write(new Uri("http://x/y?z")));
        Assert.Equal("\"c\"", serializer.Write('c'));
        Assert.Equal("1", serializer.Write(Colour.Green));
        Assert.Equal("null", serializer.Write(null));
        Assert.Equal("""{"A":null,"B":null}""", serializer.Write(new { A = (string?)null, B = (int?)null }));
    }

    [Fact]
    public void Bytes_are_read_from_every_form_they_come_in()
    {
        byte[] expected = [0, 7, 255];
        Assert.Equal(expected, serializer.Read<byte[]>(serializer.Write(expected)));
        Assert.Equal(expected, serializer.Read<byte[]>("""{"data":[0,7,255],"x":{"type":"y"},"type":"Buffer"}"""));
        Assert.Equal(expected, serializer.Read<byte[]>("\"AAf/\""));
        Assert.Equal(expected, serializer.Read<byte[]>("[0,7,255]"));
        Assert.Equal("{\"type\":\"Buffer\",\"data\":[]}", serializer.Write(Array.Empty<byte>()));
        Assert.Null(serializer.Read<byte[]>("null"));
        Assert.All(
            ["""{"type":"Buffer"}""", """{"data":[1]}""", """{"type":"Buffer","data":[256]}""", """{"type":"Buffer","data":[-1]}""", "[1.5]", "\"*\"", "1"],
            json => AssertInvalid<byte[]>(json));
    }

    [Fact]
    public void Anonymous_and_nested_types_keep_their_order_and_names()
    {
        var json = serializer.Write(new { Zeta = 1, alpha = new { C = new[] { new Point(1, 2) } }, Blob = new byte[] { 1 } });
        Assert.Equal("""{"Zeta":1,"alpha":{"C":[{"X":1,"Y":2}]},"Blob":{"type":"Buffer","data":[1]}}""", json);
        Assert.Equal(new Point(3, 4), serializer.Read<Point>("""{"Y":4,"more":[{}],"X":3}"""));
    }

    [Fact]
    public void Integer_like_names_come_first_at_any_level_and_of_any_size()
    {
        var value = Enumerable.Range(0, 300).ToDictionary(
            number => (299 - number).ToString(CultureInfo.InvariantCulture),
            _ => (object)new Dictionary<string, object> { ["text"] = "\":1,\"2\":", ["2"] = new JArray(), ["1"] = new { } });
        var expected = string.Join(",", Enumerable.Range(0, 300).Select(number => $$"""
            "{{number}}":{"1":{},"2":[],"text":"\":1,\"2\":"}
            """));
        Assert.Equal($"{{{expected}}}", serializer.Write(value));
    }

    [Fact]
    public void Sixty_four_levels_pass_and_one_more_is_refused()
    {
        var deepest = string.Concat(Enumerable.Repeat("{\"a\":", 63)) + "[]" + new string('}', 63);
        var tooDeep = $"[{deepest}]";
        var token = serializer.Read<JToken>(deepest)!;
        Assert.Equal(deepest, serializer.Write(token));
        Assert.NotNull(serializer.Read<object>(deepest));
        AssertInvalid<JToken>(tooDeep);
        AssertInvalid<object>(tooDeep);
        AssertInvalid<JToken>(new string('[', 100_000));
        AssertUnwritable(new JArray(token));
        AssertUnwritable(new object[] { token });
    }

    [Fact]
    public void A_loop_is_refused_and_leaves_nothing_behind()
    {
        var node = new Node();
        node.Next = node;
        AssertUnwritable(node);
        Assert.Equal("""{"Next":null}""", serializer.Write(new Node()));
    }

    [Fact]
    public void A_property_that_throws_is_invalid_data_and_the_next_value_is_whole()
    {
        AssertUnwritable(new { a = new Faulty() });
        Assert.Equal("""{"a":1}""", serializer.Write(new { a = 1 }));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("{\"a\":1")]
    [InlineData("{'a':1}")]
    [InlineData("{a:1}")]
    [InlineData("[1,]")]
    [InlineData("{\"a\":1,}")]
    [InlineData("[1 2]")]
    [InlineData("{} {}")]
    [InlineData("1 x")]
    [InlineData("/**/1")]
    [InlineData("1//")]
    [InlineData("01")]
    [InlineData("0x10")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("NaN")]
    [InlineData("undefined")]
    [InlineData("\"\n\"")]
    [InlineData("\"\\x\"")]
    [InlineData("\"\\u12\"")]
    [InlineData("\ufeff{}")]
    public void Text_that_is_not_strict_JSON_is_invalid_data(string json)
    {
        AssertInvalid<JToken>(json);
        AssertInvalid<object>(json);
        AssertInvalid<Dictionary<string, int>>(json);
    }

    [Fact]
    public void Values_that_do_not_fit_the_type_are_invalid_data_naming_it()
    {
        AssertInvalid<int>("\"x\"");
        AssertInvalid<int>("1.5");
        AssertInvalid<int>("null");
        AssertInvalid<int>("3000000000");
        AssertInvalid<byte>("256");
        AssertInvalid<Point>("[]");
        AssertInvalid<DateTime>("\"yesterday\"");
        AssertInvalid<Guid>("\"x\"");
        AssertInvalid<JObject>("[]");
        AssertInvalid<List<int>>("{}");
        AssertInvalid<Faulty>("""{"Value":1}""");
        Assert.Contains(typeof(Point).FullName!, Assert.Throws<LinkException>(() => serializer.Read<Point>("[]")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_UTF8_is_invalid_data()
    {
        var bytes = new byte[] { (byte)'"', 0xC3, 0x28, (byte)'"' };
        Assert.Equal(LinkError.InvalidData, Assert.Throws<LinkException>(() => serializer.Deserialize<string>(bytes)).Error);
        Assert.Equal(LinkError.InvalidData, Assert.Throws<LinkException>(() => serializer.Deserialize<JToken>(bytes)).Error);
    }

    [Fact]
    public void A_number_of_a_hundred_thousand_digits_is_refused()
    {
        var digits = new string('9', 100_000);
        AssertInvalid<JToken>(digits);
        AssertInvalid<int>(digits);
        AssertInvalid<Dictionary<string, long>>($$"""{"a":{{digits}}}""");
    }

    [Fact]
    public void Large_integers_and_dates_come_through_tokens_unchanged()
    {
        const string Json = """{"a":9007199254740993,"b":123456789012345678901234567890,"c":"2020-01-02T03:04:05.678+01:00","d":18446744073709551615}""";
        Assert.Equal(Json, serializer.Write(serializer.Read<JObject>(Json)));
    }

    [Fact]
    public void Metadata_names_are_plain_data()
    {
        const string Json = """{"$type":"System.IO.FileInfo, System.Runtime","$ref":"1","$id":"2"}""";
        Assert.Equal(Json, serializer.Write(serializer.Read<JObject>(Json)));
        Assert.Equal("1", serializer.Read<Dictionary<string, string>>(Json)!["$ref"]);
    }

    [Fact]
    public void Escaped_names_and_lone_surrogates_are_read()
    {
        Assert.Equal("\ud800x\n", serializer.Read<string>("\"\\ud800x\\n\""));
        Assert.Equal(new Point(1, 2), serializer.Read<Point>("{\"\\u0058\":1,\"Y\":2}"));
        Assert.Equal("\ud800", (string?)serializer.Read<JObject>("{\"a\":\"\\ud800\"}")!["a"]);
    }

    [Fact]
    public void Long_text_is_written_and_read_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 30_000).Select(number => $"{number}é😀\n\ud800"));
        Assert.Equal(text, serializer.Read<string>(serializer.Write(text)));
        Assert.Equal(text, (string?)serializer.Read<JToken>(serializer.Write(new JValue(text))));
    }

    [Fact]
    public void Many_threads_may_share_it()
    {
        Parallel.For(0, 2_000, number =>
        {
            var json = serializer.Write(new { number, text = new string('x', number % 50) });
            Assert.Equal(number, (int)serializer.Read<JObject>(json)!["number"]!);
        });
    }

    [Fact]
    public void A_missing_output_is_an_argument_fault() =>
        Assert.Throws<ArgumentNullException>(() => serializer.Serialize(null!, 1));

    private void AssertInvalid<T>(string json) =>
        Assert.Equal(LinkError.InvalidData, Assert.Throws<LinkException>(() => serializer.Read<T>(json)).Error);

    private void AssertUnwritable(object value)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Assert.Equal(LinkError.InvalidData, Assert.Throws<LinkException>(() => serializer.Serialize(output, value)).Error);
        Assert.Equal(0, output.WrittenCount);
    }

    public sealed record Point(int X, int Y);

    public sealed class Node
    {
        public Node? Next { get; set; }
    }

    public sealed class Faulty
    {
        public int Value
        {
            get => throw new InvalidOperationException("on purpose");
            set => throw new InvalidOperationException($"on purpose {value}");
        }
    }
}

using System.Numerics;
using Link.Abstractions;
using Link.Abstractions.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;

namespace Link.Tests.Abstractions.Json;

public sealed class NewtonsoftSerializerTests() : SerializerTests(NewtonsoftSerializer.Default)
{
    [Fact]
    public void Raw_text_comments_and_constructors_are_refused()
    {
        JToken[] tokens = [new JRaw("{}"), JValue.CreateComment("x"), new JConstructor("Date", 1)];
        Assert.All(tokens, token => Assert.Equal(
            LinkError.InvalidData,
            Assert.Throws<LinkException>(() => NewtonsoftSerializer.Default.Write(new JArray(token))).Error));
    }

    [Fact]
    public void Integers_of_any_size_are_written_as_they_are()
    {
        var large = BigInteger.Pow(10, 40) + 1;
        Assert.Equal($"[{large}]", NewtonsoftSerializer.Default.Write(new[] { large }));
        Assert.Equal(large, NewtonsoftSerializer.Default.Read<BigInteger>($"{large}"));
    }

    [Fact]
    public void Numbers_read_into_other_types_keep_their_digits()
    {
        Assert.Equal(0.1234567890123456789012345678m, NewtonsoftSerializer.Default.Read<decimal>("0.1234567890123456789012345678"));
        Assert.Equal(100, NewtonsoftSerializer.Default.Read<int>("1e2"));
        Assert.Equal("1e21", NewtonsoftSerializer.Default.Read<string>("1e21"));
        Assert.Equal("true", NewtonsoftSerializer.Default.Read<string>("true"));
        Assert.Equal(double.PositiveInfinity, NewtonsoftSerializer.Default.Read<double>("1e999"));
    }

    [Fact]
    public void Later_changes_of_the_settings_have_no_effect()
    {
        var settings = new JsonSerializerSettings { ContractResolver = new CamelCasePropertyNamesContractResolver(), MaxDepth = 2 };
        var serializer = new NewtonsoftSerializer(settings);
        settings.ContractResolver = null;
        settings.MaxDepth = 64;
        settings.NullValueHandling = NullValueHandling.Ignore;
        Assert.Equal("""{"name":null,"bytes":{"type":"Buffer","data":[]}}""", new NewtonsoftSerializer(new JsonSerializerSettings
        {
            ContractResolver = new CamelCasePropertyNamesContractResolver(),
        }).Write(new { Name = (string?)null, Bytes = Array.Empty<byte>() }));
        Assert.Equal("""{"name":null}""", serializer.Write(new { Name = (string?)null }));
        Assert.Throws<LinkException>(() => serializer.Read<JToken>("[[[]]]"));
        Assert.Throws<LinkException>(() => serializer.Write(JArray.Parse("[[[]]]")));
    }

    [Fact]
    public void Settings_cannot_bring_back_what_a_JavaScript_peer_does_not_write()
    {
        var serializer = new NewtonsoftSerializer(new JsonSerializerSettings
        {
            Formatting = Formatting.Indented,
            DateParseHandling = DateParseHandling.DateTime,
            DateFormatString = "yyyy",
            StringEscapeHandling = StringEscapeHandling.EscapeNonAscii,
        });
        Assert.Equal("""{"a":["é","2026-01-01T00:00:00.000Z"]}""", serializer.Write(new { a = new object[] { "é", new DateTime(2026, 1, 1) } }));
        Assert.Equal(JTokenType.String, serializer.Read<JToken>("\"2026-01-01T00:00:00.000Z\"")!.Type);
    }

    [Fact]
    public void Type_names_work_only_when_asked_for()
    {
        var serializer = new NewtonsoftSerializer(new JsonSerializerSettings { TypeNameHandling = TypeNameHandling.Objects });
        var json = serializer.Write(new Node());
        Assert.StartsWith("{\"$type\":", json, StringComparison.Ordinal);
        Assert.IsType<Node>(serializer.Read<object>(json));
        Assert.IsType<JObject>(NewtonsoftSerializer.Default.Read<object>(json));
    }

    [Fact]
    public void A_converter_may_use_the_serializer_itself()
    {
        var serializer = new NewtonsoftSerializer(new JsonSerializerSettings { Converters = { new Nesting() } });
        Assert.Equal("""{"a":"[1]","b":2}""", serializer.Write(new { a = new Version(1, 0), b = 2 }));
        Assert.Equal(new Version(1, 0), serializer.Read<Dictionary<string, Version>>("""{"a":"[1]"}""")!["a"]);
    }

    [Fact]
    public void Users_converters_also_see_the_values_of_tokens()
    {
        var serializer = new NewtonsoftSerializer(new JsonSerializerSettings { Converters = { new Upper() } });
        Assert.Equal("[\"X\"]", serializer.Write(new JArray("x")));
    }

    [Fact]
    public void A_token_of_null_is_a_token_but_an_object_of_null_is_null()
    {
        Assert.Equal(JTokenType.Null, NewtonsoftSerializer.Default.Read<JToken>("null")!.Type);
        Assert.Null(NewtonsoftSerializer.Default.Read<JObject>("null"));
    }

    [Fact]
    public void Many_members_are_read_across_batches()
    {
        var expected = Enumerable.Range(0, 1_000).ToDictionary(number => $"name{number}", number => number * 0.5);
        Assert.Equal(expected, NewtonsoftSerializer.Default.Read<Dictionary<string, double>>(NewtonsoftSerializer.Default.Write(expected)));
    }

    private sealed class Nesting : JsonConverter<Version>
    {
        public override void WriteJson(JsonWriter writer, Version? value, JsonSerializer serializer) =>
            writer.WriteValue(NewtonsoftSerializer.Default.Write(new[] { value!.Major }));

        public override Version ReadJson(JsonReader reader, Type objectType, Version? existingValue, bool hasExistingValue, JsonSerializer serializer) =>
            new(NewtonsoftSerializer.Default.Read<int[]>((string)reader.Value!)![0], 0);
    }

    private sealed class Upper : JsonConverter<string>
    {
        public override bool CanRead => false;

        public override void WriteJson(JsonWriter writer, string? value, JsonSerializer serializer) => writer.WriteValue(value?.ToUpperInvariant());

        public override string ReadJson(JsonReader reader, Type objectType, string? existingValue, bool hasExistingValue, JsonSerializer serializer) =>
            throw new NotSupportedException();
    }
}

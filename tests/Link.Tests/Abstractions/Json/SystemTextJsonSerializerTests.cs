using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Link.Abstractions;
using Link.Abstractions.Json;
using Newtonsoft.Json.Linq;

namespace Link.Tests.Abstractions.Json;

public sealed class SystemTextJsonSerializerTests() : SerializerTests(SystemTextJsonSerializer.Default)
{
    [Fact]
    public void Tokens_inside_other_objects_are_written_and_read()
    {
        var json = SystemTextJsonSerializer.Default.Write(new Carrier { Data = new JObject { ["b"] = 1.0, ["1"] = "\ud800" }, List = [1, "x"] });
        Assert.Equal("""{"Data":{"1":"\ud800","b":1},"List":[1,"x"]}""", json);
        var carrier = SystemTextJsonSerializer.Default.Read<Carrier>(json)!;
        Assert.Equal("x", (string?)carrier.List![1]);
        Assert.Equal(1, (int)carrier.Data!["b"]!);
        Assert.Null(SystemTextJsonSerializer.Default.Read<Carrier>("""{"List":null}""")!.List);
        Assert.Throws<LinkException>(() => SystemTextJsonSerializer.Default.Read<Carrier>("""{"List":{}}"""));
    }

    [Fact]
    public void The_options_are_copied_and_the_JavaScript_forms_stay()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            WriteIndented = true,
            Encoder = JavaScriptEncoder.Default,
        };
        var serializer = new SystemTextJsonSerializer(options);
        options.PropertyNamingPolicy = null;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        Assert.Equal("""{"someName":"<é😀>","none":null}""", serializer.Write(new { SomeName = "<é😀>", None = (string?)null }));
        Assert.Empty(options.Converters);
    }

    [Fact]
    public void Names_differ_by_case() =>
        Assert.Equal(0, SystemTextJsonSerializer.Default.Read<Dictionary<string, int>>("""{"A":0,"a":1}""")!["A"]);

    [Fact]
    public void Lone_surrogates_in_member_names_become_replacement_characters() =>
        Assert.Equal("{\"\ufffd\":1}", SystemTextJsonSerializer.Default.Write(new Dictionary<string, int> { ["\ud800"] = 1 }));

    [Fact]
    public void White_space_that_a_converter_writes_does_not_break_the_order_of_members()
    {
        var serializer = new SystemTextJsonSerializer(new JsonSerializerOptions { Converters = { new RawConverter() } });
        var json = serializer.Write(new Dictionary<string, Version> { ["b"] = new(1, 0), ["1"] = new(1, 0) });
        Assert.Equal("""{"1":{"0":2,"y":1},"b":{"0":2,"y":1}}""", SystemTextJsonSerializer.Default.Write(JToken.Parse(json)));
    }

    private sealed class Carrier
    {
        public JToken? Data { get; set; }

        public JArray? List { get; set; }
    }

    private sealed class RawConverter : JsonConverter<Version>
    {
        public override Version Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Version value, JsonSerializerOptions options) =>
            writer.WriteRawValue("{ \"y\" : 1 , \"0\" : 2 }");
    }
}

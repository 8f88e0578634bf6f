using Link.Abstractions;
using Link.Abstractions.Json;
using Newtonsoft.Json.Linq;

namespace Link.Tests.Abstractions;

public sealed class PayloadTests
{
    [Fact]
    public void An_empty_payload_has_no_value()
    {
        var payload = default(Payload);
        Assert.True(payload.IsEmpty);
        Assert.Equal(JTokenType.Undefined, payload.AsToken().Type);
        Assert.Null(payload.As<string>());
        Assert.Equal(0, payload.As<int>());
        Assert.Equal("", payload.ToString());
    }

    [Fact]
    public void A_payload_converts_to_what_is_asked_for()
    {
        var payload = Payload.FromJson("""{"a":[1,2]}""");
        Assert.Equal([1, 2], payload.As<Dictionary<string, int[]>>()!["a"]);
        Assert.Equal([1, 2], payload.As<Dictionary<string, int[]>>(SystemTextJsonSerializer.Default)!["a"]);
        Assert.Equal(2, (int)payload.AsToken()["a"]![1]!);
        Assert.Equal("""{"a":[1,2]}""", payload.ToString());
    }

    [Fact]
    public void Null_is_a_value()
    {
        var payload = Payload.FromJson("null");
        Assert.False(payload.IsEmpty);
        Assert.Equal(JTokenType.Null, payload.AsToken().Type);
        Assert.Null(payload.As<string>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1,]")]
    [InlineData("1 2")]
    public void Text_that_is_not_JSON_makes_no_payload(string json) => Assert.Throws<ArgumentException>(() => Payload.FromJson(json));

    [Fact]
    public void Bytes_that_are_not_JSON_fail_when_they_are_converted()
    {
        var payload = new Payload("{"u8.ToArray());
        Assert.Equal(LinkError.InvalidData, Assert.Throws<LinkException>(() => payload.AsToken()).Error);
        Assert.Equal(LinkError.InvalidData, Assert.Throws<LinkException>(() => payload.As<int>()).Error);
    }
}

using Link.Abstractions;

namespace Link.Tests;

public sealed class ReplyTests
{
    private sealed record Content(string Response, bool Success);

    [Fact]
    public void A_reply_is_the_whole_object()
    {
        var reply = Make("""{"success":true,"id":"x","response":"Hello"}""");
        Assert.True(reply.Success);
        Assert.Equal("x", reply.Id);
        Assert.Equal("Hello", (string?)reply["response"]);
        Assert.True((bool)reply["success"]!);
        Assert.Null(reply["nothing"]);
        Assert.Same(reply.Data, reply.Data);
        Assert.Equal(new Content("Hello", true), reply.As<Content>());
        Assert.Equal("""{"success":true,"id":"x","response":"Hello"}""", reply.ToString());
        Assert.Equal(reply.ToString(), reply.Payload.ToString());
    }

    [Theory]
    [InlineData("""{"success":true}""", true)]
    [InlineData("""{ "success" : true }""", true)]
    [InlineData("""{"0":1,"success":true}""", true)]
    [InlineData("""{"\u0073uccess":true}""", true)]
    [InlineData("""{"success":false,"success":true}""", true)]
    [InlineData("""{"success":true,"success":false}""", false)]
    [InlineData("""{"success":false}""", false)]
    [InlineData("""{"success":"true"}""", false)]
    [InlineData("""{"success":1}""", false)]
    [InlineData("""{"success":null}""", false)]
    [InlineData("""{"a":{"success":true}}""", false)]
    [InlineData("{}", false)]
    public void Success_is_exactly_true(string json, bool expected) => Assert.Equal(expected, Make(json).Success);

    [Theory]
    [InlineData("""{"id":"x"}""", "x")]
    [InlineData("""{"id":42}""", "42")]
    [InlineData("""{"id":null}""", "null")]
    [InlineData("""{"id":"\u0041\n"}""", "A\n")]
    [InlineData("""{"success":true}""", null)]
    public void An_id_is_shown_as_text(string json, string? expected) => Assert.Equal(expected, Make(json).Id);

    [Fact]
    public void A_reply_that_does_not_fit_is_invalid_data()
    {
        var reply = Make("""{"success":true,"response":{"a":1}}""");
        Assert.Equal(LinkError.InvalidData, Assert.Throws<LinkException>(() => reply.As<Content>()).Error);
        Assert.Equal(LinkError.InvalidData, Assert.Throws<LinkException>(() => reply.As<int>()).Error);
    }

    [Fact]
    public void The_serializer_of_the_server_converts()
    {
        var reply = new Reply(Payload.FromJson("""{"success":true,"Response":"a","Success":true}"""), SystemTextJsonSerializer.Default);
        Assert.Equal(new Content("a", true), reply.As<Content>());
    }

    private static Reply Make(string json) => new(new Payload(System.Text.Encoding.UTF8.GetBytes(json)), NewtonsoftSerializer.Default);
}

using Link.Abstractions;

namespace Link.Tests;

public sealed class RejectedExceptionTests
{
    [Theory]
    [InlineData("""{"success":false,"code":"C","message":"It broke."}""", "C", "peer rejected the request: It broke.")]
    [InlineData("""{"success":false,"code":"C"}""", "C", "peer rejected the request: C")]
    [InlineData("""{"success":false,"message":"It broke."}""", null, "peer rejected the request: It broke.")]
    [InlineData("""{"success":false}""", null, "peer rejected the request.")]
    [InlineData("""{"success":false,"code":5,"message":{"a":1}}""", null, "peer rejected the request.")]
    [InlineData("""{"success":false,"code":null,"message":null}""", null, "peer rejected the request.")]
    public void A_rejection_says_who_and_why(string json, string? code, string message)
    {
        var reply = new Reply(Payload.FromJson(json), NewtonsoftSerializer.Default);
        var rejected = new RejectedException("peer", reply);
        Assert.Same(reply, rejected.Reply);
        Assert.Equal(code, rejected.Code);
        Assert.Equal(message, rejected.Message);
    }

    [Theory]
    [InlineData("""{"success":false,"a":{"a":""", "}}")]
    [InlineData("""{"success":false,"a":1e999""", "}")]
    public void A_reply_that_cannot_be_shown_still_rejects(string start, string end)
    {
        var deep = start.EndsWith(':') ? new string('[', 100) + new string(']', 100) : "";
        var reply = new Reply(new Payload(System.Text.Encoding.UTF8.GetBytes(start + deep + end)), NewtonsoftSerializer.Default);
        var rejected = new RejectedException("peer", reply);
        Assert.Same(reply, rejected.Reply);
        Assert.Null(rejected.Code);
        Assert.Equal("peer rejected the request.", rejected.Message);
    }
}

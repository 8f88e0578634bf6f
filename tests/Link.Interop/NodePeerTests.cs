using Link.Interop.Harness;

namespace Link.Interop;

/// <summary>The Node peer itself, without Link: what it writes is what the original writes, and its ids are unique.</summary>
[Collection(FirstNode.Name)]
public sealed class NodePeerTests
{
    [Fact]
    public async Task It_writes_a_request_as_the_original_does()
    {
        await using var meeting = await Meeting.StartAsync();
        var plain = await meeting.AddPlainPeerAsync("plain");
        await plain.ServeAsync(PlainNodePeer.Frame("message", """{"success":true,"id":$ID}"""));
        var node = await meeting.AddPeerAsync();

        await node.SendAsync("plain", new { id = "own", content = "é\f\"" });

        Assert.Equal("""{"id":"own","sentBy":"node","data":{"id":"own","content":"é\f\""}}""", (string?)(await plain.ReceivedAsync(1))[0]);
    }

    [Theory]
    [InlineData("""{"n":1}""", null, """{"success":true,"id":"q","n":1}""")]
    [InlineData("""{"n":1}""", false, """{"success":false,"id":"q","n":1}""")]
    [InlineData("""{"n":1,"id":"other","success":false}""", true, """{"success":false,"id":"other","n":1}""")]
    [InlineData("""[7,8]""", true, """{"0":7,"1":8,"success":true,"id":"q"}""")]
    public async Task It_writes_a_reply_as_the_original_does(string data, bool? success, string text)
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync(rule: new { kind = "give", @object = Newtonsoft.Json.Linq.JToken.Parse(data), success });
        var plain = await meeting.AddPlainPeerAsync("plain");
        await plain.ConnectAsync(Meeting.Node);

        await plain.WriteAsync(Meeting.Node, PlainNodePeer.Frame("message", """{"id":"q","sentBy":"plain","data":{}}"""));

        Assert.Equal(text, (string?)(await plain.ReceivedAsync(1))[0]);
    }

    [Fact]
    public async Task Two_of_them_answer_a_thousand_requests_at_once_with_an_id_of_its_own_each()
    {
        const int count = 1000;
        await using var meeting = await Meeting.StartAsync();
        var one = await meeting.AddServingPeerAsync("one");
        var two = await meeting.AddPeerAsync("two");

        var told = await two.SendManyAsync("one", count);

        Assert.Equal(count, (int?)told["right"]);
        Assert.Equal(count, (await one.ReceivedAsync(count)).Select(request => (string?)request["id"]).Distinct().Count());
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("null")]
    public async Task It_ends_on_a_message_it_cannot_read_as_the_original_does(string text)
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync();
        var plain = await meeting.AddPlainPeerAsync("plain");
        await plain.ConnectAsync(Meeting.Node);
        await plain.WriteAsync(Meeting.Node, PlainNodePeer.Frame("message", text));

        var gone = await Assert.ThrowsAsync<InvalidOperationException>(() => plain.ReceivedAsync(1));

        Assert.Contains("Error", gone.Message, StringComparison.Ordinal);
    }
}

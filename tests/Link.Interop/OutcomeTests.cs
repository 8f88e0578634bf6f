using Link.Interop.Harness;
using Newtonsoft.Json.Linq;

namespace Link.Interop;

/// <summary>Success and rejection, in both directions.</summary>
[Collection(FirstNode.Name)]
public sealed class OutcomeTests
{
    [Fact]
    public async Task Node_answers_a_request_of_ours()
    {
        await using var meeting = await Meeting.StartAsync();
        var node = await meeting.AddServingPeerAsync(rule: new { kind = "give", @object = new { response = "Hello world!" } });

        var reply = await meeting.Server.SendAsync(Meeting.Node, new { content = "Hello" });

        Assert.True(reply.Success);
        Assert.Equal("Hello world!", (string?)reply["response"]);
        var received = Assert.Single(await node.ReceivedAsync(1));
        Assert.Equal(Meeting.Sharp, (string?)received["sentBy"]);
        Assert.Equal("Hello", (string?)received["data"]!["content"]);
        Assert.Equal(reply.Id, (string?)received["id"]);
    }

    [Fact]
    public async Task We_answer_a_request_of_Node()
    {
        await using var meeting = await Meeting.StartAsync();
        string? sentBy = null;
        meeting.Server.OnMessage(message =>
        {
            sentBy = message.SentBy;
            return message.ReplyAsync(new { response = $"{message.Data["content"]} world!" });
        });
        await meeting.Server.StartAsync();
        var node = await meeting.AddPeerAsync();

        var outcome = await node.SendAsync(Meeting.Sharp, new { content = "Hello" });

        Assert.True(outcome.IsResolved);
        Assert.Equal("Hello world!", (string?)outcome.Value["response"]);
        Assert.Equal(true, (bool?)outcome.Value["success"]);
        Assert.Equal(Meeting.Node, sentBy);
    }

    [Fact]
    public async Task Both_sides_ask_each_other_at_once()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync();
        var node = await meeting.AddServingPeerAsync();

        var theirs = node.SendAsync(Meeting.Sharp, new { from = "node" });
        var ours = meeting.Server.SendAsync(Meeting.Node, new { from = "sharp" });

        Assert.Equal("sharp", (string?)(await ours)["echo"]!["from"]);
        Assert.Equal("node", (string?)(await theirs).Value["echo"]!["from"]);
    }

    [Theory]
    [InlineData("{}", null, true)]
    [InlineData("{}", true, true)]
    [InlineData("{}", false, false)]
    [InlineData("""{"success":false}""", null, false)]
    [InlineData("""{"success":false}""", true, false)]
    [InlineData("""{"success":true}""", false, true)]
    public async Task A_reply_of_Node_resolves_or_rejects_and_the_data_wins_over_the_argument(string data, bool? success, bool resolves)
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync(rule: new { kind = "give", @object = JObject.Parse(data), success });

        Assert.Equal(resolves, await ResolvesAsync(meeting.Server));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"true\"")]
    [InlineData("{}")]
    [InlineData("0")]
    [InlineData("null")]
    [InlineData("\"\"")]
    public async Task Only_true_itself_resolves_whatever_JavaScript_thinks_of_the_value(string success)
    {
        await using var meeting = await Meeting.StartAsync();
        var data = JObject.Parse($$"""{"success":{{success}}}""");
        await meeting.AddServingPeerAsync(rule: new { kind = "give", @object = data });

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => meeting.Server.SendAsync(Meeting.Node, new { }));

        Assert.True(JToken.DeepEquals(data["success"], rejected.Reply["success"]));
        Assert.False(rejected.Reply.Success);
    }

    [Fact]
    public async Task A_reply_of_Node_without_success_rejects()
    {
        await using var meeting = await Meeting.StartAsync();
        var plain = await meeting.AddPlainPeerAsync();
        await plain.ServeAsync(PlainNodePeer.Frame("message", """{"id":$ID,"why":"forgot"}"""));

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => meeting.Server.SendAsync(Meeting.Node, new { }));

        Assert.Equal("forgot", (string?)rejected.Reply["why"]);
    }

    [Theory]
    [InlineData("""{"a":1}""", null, true)]
    [InlineData("""{"a":1}""", true, true)]
    [InlineData("""{"a":1}""", false, false)]
    [InlineData("""{"a":1,"success":false}""", null, false)]
    [InlineData("""{"a":1,"success":false}""", true, false)]
    [InlineData("""{"a":1,"success":true}""", false, true)]
    [InlineData("""{"a":1,"success":"no"}""", null, true)]
    [InlineData("""{"a":1,"success":null}""", true, false)]
    public async Task A_reply_of_ours_resolves_or_rejects_and_the_data_wins_over_the_argument(string data, bool? success, bool resolves)
    {
        await using var meeting = await Meeting.StartAsync();
        meeting.Server.OnMessage(message => message.ReplyAsync(JObject.Parse(data), success));
        await meeting.Server.StartAsync();
        var node = await meeting.AddPeerAsync();

        var outcome = await node.SendAsync(Meeting.Sharp, new { });

        Assert.Equal(resolves, outcome.IsResolved);
        Assert.Equal(1, (int?)outcome.Value["a"]);
    }

    private static async Task<bool> ResolvesAsync(Server server)
    {
        try
        {
            return (await server.SendAsync(Meeting.Node, new { })).Success;
        }
        catch (RejectedException rejected)
        {
            return rejected.Reply.Success;
        }
    }
}

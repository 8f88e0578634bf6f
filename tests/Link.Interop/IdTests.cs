using Link.Interop.Harness;
using Newtonsoft.Json.Linq;

namespace Link.Interop;

/// <summary>Ids the caller chose, and ids that are missing.</summary>
[Collection(FirstNode.Name)]
public sealed class IdTests
{
    public static TheoryData<string> OwnIds => ["\"own\"", "\"42\"", "42", "null", "-1.5", "\"\"", "\"é漢😀\"", "true"];

    [Theory]
    [MemberData(nameof(OwnIds))]
    public async Task Node_gets_the_id_that_our_data_holds_and_replies_with_it(string id)
    {
        await using var meeting = await Meeting.StartAsync();
        var node = await meeting.AddServingPeerAsync();
        var data = JObject.Parse($$"""{"id":{{id}},"n":1}""");

        var reply = await meeting.Server.SendAsync(Meeting.Node, data);

        var received = Assert.Single(await node.ReceivedAsync(1));
        Assert.True(JToken.DeepEquals(data["id"], received["id"]));
        Assert.True(JToken.DeepEquals(data, received["data"]));
        Assert.True(JToken.DeepEquals(data["id"], reply["id"]));
        Assert.Equal(1, (int?)reply["echo"]!["n"]);
    }

    [Theory]
    [MemberData(nameof(OwnIds))]
    public async Task We_reply_with_the_id_that_the_data_of_Node_holds(string id)
    {
        await using var meeting = await Meeting.WithEchoingServerAsync();
        var node = await meeting.AddPeerAsync();
        var data = JObject.Parse($$"""{"id":{{id}},"n":1}""");

        var outcome = await node.SendAsync(Meeting.Sharp, data);

        Assert.True(outcome.IsResolved);
        Assert.True(JToken.DeepEquals(data["id"], outcome.Value["id"]));
        Assert.True(JToken.DeepEquals(data, outcome.Value["echo"]));
    }

    [Fact]
    public async Task An_id_given_with_the_call_stays_out_of_the_data()
    {
        await using var meeting = await Meeting.StartAsync();
        var plain = await meeting.AddPlainPeerAsync();
        await plain.ServeAsync(PlainNodePeer.Frame("message", """{"success":true,"id":$ID}"""));

        var reply = await meeting.Server.SendAsync(Meeting.Node, new { content = "Hello" }, new SendOptions { Id = "mine" });

        Assert.Equal("mine", reply.Id);
        var text = Assert.Single(await plain.ReceivedAsync(1));
        Assert.Equal("""{"id":"mine","sentBy":"sharp","data":{"content":"Hello"}}""", (string?)text);
    }

    [Fact]
    public async Task A_number_and_its_text_are_two_ids_to_us_both_pending_at_once()
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync(rule: new { kind = "reverse", count = 2 });

        var number = meeting.Server.SendAsync(Meeting.Node, new { id = 42, n = "number" });
        var text = meeting.Server.SendAsync(Meeting.Node, new { id = "42", n = "text" });

        Assert.Equal("number", (string?)(await number)["echo"]!["n"]);
        Assert.Equal("text", (string?)(await text)["echo"]!["n"]);
    }

    [Fact]
    public async Task A_number_and_its_text_are_two_ids_to_Node_both_pending_at_once()
    {
        await using var meeting = await Meeting.StartAsync();
        using var bothArrived = new CountdownEvent(2);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        meeting.Server.OnMessage(async message =>
        {
            if (bothArrived.Signal())
            {
                release.SetResult();
            }

            await release.Task;
            await message.ReplyAsync(new { echo = message.Data });
        });
        await meeting.Server.StartAsync();
        var node = await meeting.AddPeerAsync();

        var outcomes = await node.SendTogetherAsync(Meeting.Sharp, new { id = 42, n = "number" }, new { id = "42", n = "text" });

        Assert.Equal("number", (string?)outcomes[0].Value["echo"]!["n"]);
        Assert.Equal("text", (string?)outcomes[1].Value["echo"]!["n"]);
    }

    [Fact]
    public async Task Requests_that_cross_with_the_same_id_each_get_their_own_answer()
    {
        await using var meeting = await Meeting.StartAsync();
        var node = await meeting.AddServingPeerAsync(rule: new { kind = "give", @object = new { by = "node" } });
        Reply? ours = null;
        meeting.Server.OnMessage(async message =>
        {
            ours = await meeting.Server.SendAsync(Meeting.Node, new { id = "same" });
            await message.ReplyAsync(new { by = "sharp" });
        });
        await meeting.Server.StartAsync();

        var theirs = await node.SendAsync(Meeting.Sharp, new { id = "same" });

        Assert.Equal("sharp", (string?)theirs.Value["by"]);
        Assert.Equal("node", (string?)ours!["by"]);
    }

    [Fact]
    public async Task Our_reply_to_a_request_without_id_has_no_id_either()
    {
        await using var meeting = await Meeting.StartAsync();
        Message? request = null;
        meeting.Server.OnMessage(message =>
        {
            request = message;
            return message.ReplyAsync(new { a = 1 });
        });
        await meeting.Server.StartAsync();
        var plain = await meeting.AddPlainPeerAsync();
        await plain.ConnectAsync(Meeting.Sharp);

        await plain.WriteAsync(Meeting.Sharp, PlainNodePeer.Frame("message", """{"sentBy":"ghost","data":{}}"""));

        Assert.Equal("""{"success":true,"a":1}""", (string?)Assert.Single(await plain.ReceivedAsync(1)));
        Assert.Null(request!.Id);
        Assert.Equal("ghost", request.SentBy);
    }

    [Fact]
    public async Task Replies_of_Node_without_id_or_with_another_id_are_ignored()
    {
        await using var meeting = await Meeting.StartAsync();
        var plain = await meeting.AddPlainPeerAsync();
        await plain.ServeAsync(
            PlainNodePeer.Frame("message", """{"success":true,"n":1}"""),
            PlainNodePeer.Frame("message", """{"success":true,"id":"other","n":2}"""),
            PlainNodePeer.Frame("message", """{"success":true,"id":$ID,"n":3}"""),
            PlainNodePeer.Frame("message", """{"success":false,"id":$ID,"n":4}"""));

        var first = await meeting.Server.SendAsync(Meeting.Node, new { });
        var second = await meeting.Server.SendAsync(Meeting.Node, new { });

        Assert.Equal(3, (int?)first["n"]);
        Assert.Equal(3, (int?)second["n"]);
        Assert.True(meeting.Server.Statistics.UnknownReplies >= 5);
    }
}

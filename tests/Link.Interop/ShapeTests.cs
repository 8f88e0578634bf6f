using Link.Interop.Harness;
using Newtonsoft.Json.Linq;

namespace Link.Interop;

/// <summary>The shapes that data and replies may have, and the text Link writes for them.</summary>
[Collection(FirstNode.Name)]
public sealed class ShapeTests
{
    public static TheoryData<string> Shapes => ["{}", "[]", "[1,[2],{\"a\":null}]", "{\"7\":\"x\",\"a\":{\"b\":[true,false,null]}}"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Data_of_ours_reaches_Node_in_its_shape(string json)
    {
        await using var meeting = await Meeting.StartAsync();
        var node = await meeting.AddServingPeerAsync();
        var data = JToken.Parse(json);

        var reply = await meeting.Server.SendAsync(Meeting.Node, data);

        Assert.True(JToken.DeepEquals(data, (await node.ReceivedAsync(1))[0]["data"]));
        Assert.True(JToken.DeepEquals(data, reply["echo"]));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Data_of_Node_reaches_us_in_its_shape(string json)
    {
        await using var meeting = await Meeting.StartAsync();
        JToken? seen = null;
        meeting.Server.OnMessage(message =>
        {
            seen = message.Data;
            return message.ReplyAsync(new { echo = message.Data });
        });
        await meeting.Server.StartAsync();
        var node = await meeting.AddPeerAsync();
        var data = JToken.Parse(json);

        var outcome = await node.SendAsync(Meeting.Sharp, data);

        Assert.True(JToken.DeepEquals(data, seen));
        Assert.True(JToken.DeepEquals(data, outcome.Value["echo"]));
    }

    [Fact]
    public async Task Members_of_a_reply_of_Node_that_look_like_integers_come_before_success()
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync(rule: new { kind = "give", @object = new JObject { ["b"] = 1, ["7"] = "x" } });

        var reply = await meeting.Server.SendAsync(Meeting.Node, new { }, new SendOptions { Id = "i" });

        Assert.Equal("""{"7":"x","success":true,"id":"i","b":1}""", reply.Payload.ToString());
        Assert.True(reply.Success);
        Assert.Equal("i", reply.Id);
    }

    [Fact]
    public async Task Members_of_a_reply_of_ours_that_look_like_integers_come_before_success()
    {
        Assert.Equal(
            """{"7":"x","success":true,"id":"i","b":1}""",
            await TextOfReplyAsync(message => message.ReplyAsync(new JObject { ["b"] = 1, ["7"] = "x" })));
    }

    [Fact]
    public async Task A_list_replied_with_an_explicit_success_is_spread_to_numbered_members()
    {
        Assert.Equal(
            """{"0":7,"1":8,"success":true,"id":"i"}""",
            await TextOfReplyAsync(message => message.ReplyAsync(new[] { 7, 8 }, success: true)));
    }

    [Fact]
    public async Task Success_and_id_of_the_reply_data_keep_the_first_two_places()
    {
        Assert.Equal(
            """{"success":false,"id":"theirs","a":1}""",
            await TextOfReplyAsync(message => message.ReplyAsync(new { a = 1, id = "theirs", success = false })));
    }

    private static async Task<string?> TextOfReplyAsync(Func<Message, Task> handler)
    {
        await using var meeting = await Meeting.StartAsync();
        meeting.Server.OnMessage(handler);
        await meeting.Server.StartAsync();
        var plain = await meeting.AddPlainPeerAsync();
        await plain.ConnectAsync(Meeting.Sharp);
        await plain.WriteAsync(Meeting.Sharp, PlainNodePeer.Frame("message", """{"id":"i","sentBy":"node","data":{}}"""));
        return (string?)(await plain.ReceivedAsync(1))[0];
    }
}

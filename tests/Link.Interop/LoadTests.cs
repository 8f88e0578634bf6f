using Link.Interop.Harness;
using Newtonsoft.Json.Linq;

namespace Link.Interop;

/// <summary>Large messages, and many at once.</summary>
[Collection(SecondNode.Name)]
public sealed class LoadTests
{
    private const int Many = 10_000;
    private const int MebibyteInChars = 1024 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_mebibyte_of_ours_reaches_Node_and_comes_back()
    {
        await using var meeting = await Meeting.StartAsync();
        var node = await meeting.AddServingPeerAsync();
        var text = Mebibyte();

        var reply = await meeting.Server.SendAsync(Meeting.Node, new { text });

        Assert.True(text == (string?)(await node.ReceivedAsync(1))[0]["data"]!["text"], "Node got another text.");
        Assert.True(text == (string?)reply["echo"]!["text"], "Another text came back.");
    }

    [Fact]
    public async Task A_mebibyte_of_Node_reaches_us_and_comes_back()
    {
        await using var meeting = await Meeting.StartAsync();
        string? seen = null;
        meeting.Server.OnMessage(message =>
        {
            seen = (string?)message.Data["text"];
            return message.ReplyAsync(new { echo = message.Data });
        });
        await meeting.Server.StartAsync();
        var node = await meeting.AddPeerAsync();
        var text = Mebibyte();

        var outcome = await node.SendAsync(Meeting.Sharp, new { text });

        Assert.True(text == seen, "We got another text.");
        Assert.True(text == (string?)outcome.Value["echo"]!["text"], "Another text came back.");
    }

    [Fact]
    public async Task Ten_thousand_concurrent_requests_of_ours_each_get_their_own_answer()
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync();

        await SendManyAsync(meeting.Server);

        Assert.Equal(0, meeting.Server.Statistics.PendingRequests);
        Assert.Equal(0, meeting.Server.Statistics.UnknownReplies);
    }

    [Fact]
    public async Task Ten_thousand_concurrent_requests_of_Node_each_get_their_own_answer()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync();
        var node = await meeting.AddPeerAsync();

        AllRight(await node.SendManyAsync(Meeting.Sharp, Many));
    }

    [Fact]
    public async Task Ten_thousand_concurrent_requests_in_each_direction_at_once_each_get_their_own_answer()
    {
        await using var meeting = await Meeting.WithEchoingServerAsync();
        var node = await meeting.AddServingPeerAsync();

        var theirs = node.SendManyAsync(Meeting.Sharp, Many);
        await SendManyAsync(meeting.Server);

        AllRight(await theirs);
    }

    private static string Mebibyte() => string.Concat(Enumerable.Repeat("0123456789é\"\\\f漢 ", MebibyteInChars / 16));

    private static async Task SendManyAsync(Server server)
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, Many).Select(n => server.SendAsync(Meeting.Node, new { n }))).WaitAsync(Deadline);
        Assert.All(replies.Select((reply, n) => (reply, n)), answer => Assert.Equal(answer.n, (int?)answer.reply["echo"]!["n"]));
    }

    private static void AllRight(JToken told) => Assert.True(Many == (int?)told["right"], $"Right: {told["right"]}; the first wrong one: {told["firstWrong"]}");
}

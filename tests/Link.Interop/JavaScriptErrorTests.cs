using Link.Abstractions;
using Link.Interop.Harness;
using Newtonsoft.Json.Linq;

namespace Link.Interop;

/// <summary>What a JavaScript program sees of our failures, and that none of them ends it.</summary>
[Collection(SecondNode.Name)]
public sealed class JavaScriptErrorTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_handler_that_throws_is_read_as_code_and_message()
    {
        await using var meeting = await Meeting.StartAsync();
        meeting.Server.OnMessage(new Func<Message, Task>(_ => throw new InvalidOperationException("No \"é漢😀\" today.")));

        var e = await AskAsync(meeting);

        Assert.Equal("HANDLER_FAILED", (string?)e["code"]);
        Assert.Equal("No \"é漢😀\" today.", (string?)e["message"]);
    }

    [Fact]
    public async Task A_server_without_a_handler_is_read_as_code_and_message()
    {
        await using var meeting = await Meeting.StartAsync();

        var e = await AskAsync(meeting);

        Assert.Equal("NO_HANDLER", (string?)e["code"]);
        Assert.NotEqual("", (string?)e["message"]);
    }

    [Fact]
    public async Task Data_that_does_not_fit_the_type_of_the_handler_is_read_as_code_and_message()
    {
        await using var meeting = await Meeting.StartAsync();
        meeting.Server.OnMessage<Dictionary<string, int>, object>(request => Task.FromResult<object>(new { sum = request.Values.Sum() }));

        var e = await AskAsync(meeting);

        Assert.Equal("INVALID_DATA", (string?)e["code"]);
        Assert.NotEqual("", (string?)e["message"]);
    }

    [Fact]
    public async Task A_handler_that_returns_its_reply_answers_Node()
    {
        await using var meeting = await Meeting.StartAsync();
        meeting.Server.OnMessage<Dictionary<string, int>, object>(request => Task.FromResult<object>(new { sum = request.Values.Sum() }));
        await meeting.Server.StartAsync();
        var node = await meeting.AddPeerAsync();

        var outcome = await node.SendAsync(Meeting.Sharp, new { a = 1, b = 2 });

        Assert.Equal(3, (int?)outcome.Value["sum"]);
    }

    [Fact]
    public async Task A_rejection_by_Node_is_read_as_code_and_message()
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync(rule: new { kind = "give", @object = new { code = "ENOENT", message = "no such thing" }, success = false });

        var rejected = await Assert.ThrowsAsync<RejectedException>(() => meeting.Server.SendAsync(Meeting.Node, new { }));

        Assert.Equal("ENOENT", rejected.Code);
        Assert.Contains("no such thing", rejected.Message, StringComparison.Ordinal);
    }

    // A peer like the original ends on a message it cannot read: so whatever is written here, it must be able to read.
    [Fact]
    public async Task Nothing_that_we_write_ends_the_process_of_Node()
    {
        await using var meeting = await Meeting.StartAsync();
        meeting.Server.OnMessage(new Func<Message, Task>(message => (string?)message.Data["do"] switch
        {
            "throw" => throw new InvalidOperationException("no"),
            "list" => message.ReplyAsync(new[] { 1 }, success: true),
            "null" => message.ReplyAsync(null, success: false),
            _ => message.ReplyAsync(new { @null = (string?)null, text = "\f\0\u2028\ud800" }),
        }));
        await meeting.Server.StartAsync();
        var node = await meeting.AddServingPeerAsync(rule: new { kind = "hold" });

        foreach (var what in new[] { "throw", "list", "null", "reply" })
        {
            await node.SendAsync(Meeting.Sharp, new { @do = what });
        }

        await CancelledRequestAsync(meeting.Server, node);
        await Assert.ThrowsAsync<LinkException>(() =>
            meeting.Server.SendAsync(Meeting.Node, new { n = 2 }, new SendOptions { Timeout = TimeSpan.FromMilliseconds(1) }));
        await Assert.ThrowsAsync<ArgumentException>(() => meeting.Server.SendAsync(Meeting.Node, "text"));
        await meeting.Server.DisconnectAsync(Meeting.Node);
        var pending = meeting.Server.SendAsync(Meeting.Node, new { n = 3 });
        await meeting.Server.StopAsync();
        await meeting.Server.DisposeAsync();
        await Assert.ThrowsAsync<LinkException>(() => pending);

        await meeting.NodeIsAliveAsync();
    }

    private static async Task CancelledRequestAsync(Server server, NodePeer node)
    {
        using var cancelling = new CancellationTokenSource();
        var request = server.SendAsync(Meeting.Node, new { n = 1 }, cancelling.Token);
        await node.ReceivedAsync(1);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request.WaitAsync(Deadline));
    }

    private static async Task<JToken> AskAsync(Meeting meeting)
    {
        await meeting.Server.StartAsync();
        var node = await meeting.AddPeerAsync();
        var e = await node.SendForErrorAsync(Meeting.Sharp, new { text = "not a number" });
        Assert.Equal(false, (bool?)e["success"]);
        Assert.Equal(["success", "id", "code", "message"], e["members"]!.Select(name => (string?)name));
        return e;
    }
}

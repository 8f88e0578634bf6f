using Link.Interop.Harness;

namespace Link.Interop;

/// <summary>Several connections at once, and what is known of who is at their other end.</summary>
[Collection(SecondNode.Name)]
public sealed class ConnectionTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Two_connections_of_Node_with_the_same_id_each_get_their_own_answer()
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
            await message.ReplyAsync(new { to = message.SentBy });
        });
        using var connections = new SemaphoreSlim(0);
        meeting.Server.PeerConnected += (_, _) => connections.Release();
        await meeting.Server.StartAsync();
        var one = await meeting.AddPeerAsync("one");
        var two = await meeting.AddPeerAsync("two");

        var outcomes = await Task.WhenAll(one.SendAsync(Meeting.Sharp, new { id = "same" }), two.SendAsync(Meeting.Sharp, new { id = "same" }));

        Assert.Equal(["one", "two"], outcomes.Select(outcome => (string?)outcome.Value["to"]));
        Assert.True(await connections.WaitAsync(Deadline), "Nobody connected.");
        Assert.True(await connections.WaitAsync(Deadline), "The two peers share a connection.");
    }

    [Fact]
    public async Task Two_Node_servers_asked_with_the_same_id_each_give_their_own_answer()
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync("one", new { kind = "give", @object = new { by = "one" } });
        await meeting.AddServingPeerAsync("two", new { kind = "give", @object = new { by = "two" } });

        var replies = await Task.WhenAll(
            meeting.Server.SendAsync("one", new { id = "same" }),
            meeting.Server.SendAsync("two", new { id = "same" }));

        Assert.Equal(["one", "two"], replies.Select(reply => (string?)reply["by"]));
    }

    [Fact]
    public async Task The_kernel_tells_which_Node_process_calls_and_which_one_is_called()
    {
        await using var meeting = await Meeting.StartAsync();
        int? caller = null;
        meeting.Server.OnMessage(message =>
        {
            caller = message.Peer.ProcessId;
            return message.ReplyAsync(new { });
        });
        await meeting.Server.StartAsync();
        var node = await meeting.AddServingPeerAsync();

        await node.SendAsync(Meeting.Sharp, new { });
        var called = await meeting.Server.ConnectToAsync(Meeting.Node);

        Assert.Equal(meeting.Process.Id, caller);
        Assert.Equal(meeting.Process.Id, called.ProcessId);
        Assert.Equal(Meeting.Node, called.Name);
    }

    [Fact]
    public async Task We_can_ask_Node_without_having_started_our_own_server()
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync();

        Assert.True((await meeting.Server.SendAsync(Meeting.Node, new { })).Success);

        Assert.False(meeting.Server.IsStarted);
    }

    [Fact]
    public async Task A_connection_to_Node_that_we_close_is_made_anew_by_the_next_request()
    {
        await using var meeting = await Meeting.StartAsync();
        await meeting.AddServingPeerAsync();
        await meeting.Server.SendAsync(Meeting.Node, new { });

        Assert.True(await meeting.Server.DisconnectAsync(Meeting.Node));
        Assert.False(meeting.Server.HasPeer(Meeting.Node));

        Assert.True((await meeting.Server.SendAsync(Meeting.Node, new { })).Success);
        Assert.True(meeting.Server.HasPeer(Meeting.Node));
    }
}

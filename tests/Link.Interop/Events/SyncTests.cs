using Link.Interop.Harness;
using Link.NodeIpc.Events;
using Link.Testing;

namespace Link.Interop.Events;

/// <summary>Sync mode: a client writes its next message only after something came back.</summary>
[Collection(SecondNode.Name)]
public sealed class SyncTests
{
    [Theory]
    [InlineData(Over.Unix)]
    [InlineData(Over.Tcp)]
    public async Task Our_client_waits_for_the_answer_of_Node(Over over)
    {
        await using var meeting = await EventMeeting.StartAsync(over, options => options with { Sync = true });
        var node = await meeting.AddServingAsync();
        var client = await meeting.ConnectAsync(meeting.Ipc);

        await client.EmitAsync("tell", 1);
        var second = client.EmitAsync("tell", 2);
        await node.HappenedAsync("tell");
        Assert.False(second.IsCompleted);
        await node.BroadcastAsync("news", "anything");
        await Within.Deadline(second);

        Assert.Equal([1, 2], (await node.HappenedAsync("tell", 2)).Select(each => (int)each["data"]!));
    }

    [Fact]
    public async Task Our_client_gets_a_whole_conversation_through()
    {
        await using var meeting = await EventMeeting.StartAsync(options: options => options with { Sync = true });
        await meeting.AddServingAsync(reactions: new { tell = "echo" });
        var echoes = new Seen<int>();
        meeting.Ipc.Of(EventMeeting.Node).On("echo", message => echoes.Add(message.As<int>()));
        var client = await meeting.ConnectAsync(meeting.Ipc);

        await Within.Deadline(Task.WhenAll(Enumerable.Range(0, 100).Select(n => client.EmitAsync("tell", n))));

        Assert.Equal(Enumerable.Range(0, 100), await echoes.NextAsync(100));
    }

    [Theory]
    [InlineData(Over.Unix)]
    [InlineData(Over.Tcp)]
    public async Task A_client_of_Node_waits_for_our_answer(Over over)
    {
        await using var meeting = await EventMeeting.StartAsync(over);
        var told = new Seen<IpcMessage>();
        meeting.Ipc.Server.On("tell", told.Add);
        await meeting.ServeAsync(meeting.Ipc);
        var node = await meeting.AddAsync(config: new() { ["sync"] = true });
        await node.ConnectAsync();
        await node.HappenedAsync("connect");

        await node.EmitAsync(Enumerable.Range(0, 20).Select(object (n) => new { type = "tell", data = n }).ToArray());

        for (var n = 0; n < 20; n++)
        {
            var message = await told.NextAsync();
            Assert.Equal(n, message.As<int>());
            Assert.Equal(0, told.Count);
            await message.Socket.EmitAsync("echo", n);
        }

        Assert.Equal(20, (await node.HappenedAsync("echo", 20)).Count);
    }
}

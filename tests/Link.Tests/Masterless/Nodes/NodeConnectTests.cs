using Link.Masterless;

namespace Link.Tests.Masterless.Nodes;

public sealed class NodeConnectTests
{
    [Fact]
    public async Task Two_nodes_that_are_connected_send_packets_both_ways()
    {
        await using var scene = new MeshScene();
        var left = await scene.StartAsync("left");
        var right = await scene.StartAsync("right");

        Assert.Equal("left", await right.Node.ConnectAsync(left.Info));

        Assert.Equal("left", (await right.NextAsync<MeshConnectedEventArgs>()).Id);
        Assert.Equal(right.Info, (await left.NextAsync<MeshConnectedEventArgs>()).Info);
        Assert.True(await right.Node.SendAsync("left", new { question = 1 }));
        var message = await left.NextAsync<MeshMessage>();
        Assert.Equal(("right", """{"question":1}"""), (message.Sender, message.Packet.ToString()));
        Assert.True(await message.ReplyAsync(new { answer = 2 }));
        Assert.Equal(2, (int)(await right.NextAsync<MeshMessage>()).Data["answer"]!);
        Assert.True(await right.Node.DisconnectAsync("left"));
        Assert.Null((await right.NextAsync<MeshDisconnectedEventArgs>()).Error);
        Assert.Null((await left.NextAsync<MeshDisconnectedEventArgs>()).Error);
        Assert.False(await right.Node.SendAsync("left", new { }));
    }
}

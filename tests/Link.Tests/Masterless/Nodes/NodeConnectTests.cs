using System.Net.Sockets;
using Link.Abstractions;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

public sealed class NodeConnectTests
{
    [Theory]
    [InlineData(MeshFormat.Json)]
    [InlineData(MeshFormat.MessagePack)]
    public async Task Two_nodes_that_are_connected_send_packets_both_ways(MeshFormat format)
    {
        await using var scene = new MeshScene(format);
        var left = await scene.StartAsync("left");
        var right = await scene.StartAsync("right");

        Assert.Equal("left", await Within.Deadline(right.Node.ConnectAsync(left.Info)));

        Assert.Equal(left.Info, (await right.NextAsync<MeshConnectedEventArgs>()).Info);
        var connected = await left.NextAsync<MeshConnectedEventArgs>();
        Assert.Equal(("right", right.Info), (connected.Id, connected.Info));
        Assert.Equal(["left"], right.Node.Connections);
        Assert.Equal(["right"], left.Node.Connections);
        Assert.True(await right.Node.SendAsync("left", new { question = "why", number = 1 }));
        var message = await left.NextAsync<MeshMessage>();
        Assert.Equal(("right", """{"question":"why","number":1}"""), (message.Sender, message.Packet.ToString()));
        Assert.Equal(1, message.As<Question>()!.Number);
        Assert.True(await message.ReplyAsync(new { answer = 2 }));
        Assert.Equal(2, (int)(await right.NextAsync<MeshMessage>()).Data["answer"]!);
    }

    [Fact]
    public async Task Another_connect_to_the_same_node_finds_the_connection()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync();

        Assert.Equal("left", await Within.Deadline(right.Node.ConnectAsync(left.Info)));
        Assert.Equal("right", await Within.Deadline(left.Node.ConnectAsync(right.Info)));

        Assert.False(left.HasMore || right.HasMore);
        Assert.True(left.Node.IsKept("right"));
    }

    [Theory]
    [InlineData(MeshFormat.Json)]
    [InlineData(MeshFormat.MessagePack)]
    public async Task Two_nodes_that_connect_with_each_other_at_once_have_one_connection(MeshFormat format)
    {
        await using var scene = new MeshScene(format);
        var left = await scene.StartAsync("left");
        var right = await scene.StartAsync("right");
        for (var round = 0; round < 50; round++)
        {
            await Within.Deadline(Task.WhenAll(left.Node.ConnectAsync(right.Info), right.Node.ConnectAsync(left.Info)));

            await left.NextAsync<MeshConnectedEventArgs>();
            await right.NextAsync<MeshConnectedEventArgs>();
            Assert.True(await left.Node.SendAsync("right", new { round }));
            Assert.True(await right.Node.SendAsync("left", new { round }));
            Assert.Equal(round, (int)(await left.NextAsync<MeshMessage>()).Data["round"]!);
            Assert.Equal(round, (int)(await right.NextAsync<MeshMessage>()).Data["round"]!);
            await left.Node.KeepAsync("right", false);
            await right.Node.KeepAsync("left", false);
            await left.NextAsync<MeshDisconnectedEventArgs>();
            await right.NextAsync<MeshDisconnectedEventArgs>();
        }
    }

    [Fact]
    public async Task A_node_that_connects_with_itself_is_told_so()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("alone");

        var failure = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(node.Node.ConnectAsync(node.Info)));

        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (failure.Error, failure.Fate));
        Assert.Empty(node.Node.Connections);
    }

    [Fact]
    public async Task Connecting_where_nobody_listens_fails()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var listener = RawNode.Listen();
        var info = RawNode.InfoOf(listener);
        listener.Stop();

        Assert.Equal(LinkError.NoSuchPeer, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(node.Node.ConnectAsync(info)))).Error);
    }

    [Fact]
    public async Task A_connect_that_is_cancelled_leaves_nothing_behind()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var listener = RawNode.Listen();
        using var cancellation = new CancellationTokenSource();
        var connecting = node.Node.ConnectAsync(RawNode.InfoOf(listener), cancellationToken: cancellation.Token);
        using var raw = await RawNode.AcceptAsync(listener, "raw");
        Assert.Equal("""{"priority":1}""", await raw.ReadAsync());

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(connecting));
        Assert.Null(await raw.ReadAsync());
        Assert.False(await node.Node.SendAsync("raw", new { }));
    }

    [Fact]
    public async Task A_node_listens_once_and_says_where()
    {
        await using var scene = new MeshScene();
        var node = scene.Make("node").Node;
        var said = new TaskCompletionSource<string>();
        node.Listening += (_, e) => said.TrySetResult(e.Info);
        Assert.Null(node.Info);
        await Assert.ThrowsAsync<InvalidOperationException>(() => node.ConnectAsync("tcp://127.0.0.1:9"));

        var info = await Within.Deadline(node.StartAsync());

        Assert.Matches(@"^tcp://127\.0\.0\.1:\d+$", info);
        Assert.Equal((info, info), (node.Info, await Within.Deadline(said.Task)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => node.StartAsync());
        await Within.Deadline(node.CloseAsync());
        Assert.Null(node.Info);
    }

    [Fact]
    public async Task A_node_whose_port_is_taken_may_be_started_again()
    {
        await using var scene = new MeshScene();
        using var listener = RawNode.Listen();
        var node = scene.Make("node", options => options with { Port = new Uri(RawNode.InfoOf(listener)).Port }).Node;

        Assert.Equal(LinkError.NameUnavailable, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(node.StartAsync()))).Error);
        listener.Stop();

        await Within.Deadline(node.StartAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("257")]
    public void An_id_has_1_to_256_characters(string? id)
    {
        id = id == "257" ? new string('x', 257) : id;

        Assert.ThrowsAny<ArgumentException>(() => new MeshNode(id!));
        Assert.Equal(256, new MeshNode(new string('x', 256)).Id.Length);
    }

    [Theory]
    [InlineData("127.0.0.1:80")]
    [InlineData("tcp://127.0.0.1")]
    [InlineData("tls://127.0.0.1:80")]
    [InlineData("")]
    public async Task What_is_no_address_of_a_node_is_an_argument_error(string address)
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await node.Node.ConnectAsync(address));
    }

    private sealed record Question(int Number);
}

using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

public sealed class NodeKeepTests
{
    [Fact]
    public async Task Connecting_keeps_on_the_side_that_connects()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync();

        Assert.True(right.Node.IsKept("left"));
        Assert.False(left.Node.IsKept("right"));
    }

    [Theory]
    [InlineData(MeshFormat.Json)]
    [InlineData(MeshFormat.MessagePack)]
    public async Task A_connection_that_neither_side_keeps_delivers_what_is_sent_at_once_and_ends(MeshFormat format)
    {
        await using var scene = new MeshScene(format);
        var left = await scene.StartAsync("left");
        var right = await scene.StartAsync("right");
        right.Node.Connected += (_, e) => _ = right.Node.SendAsync(e.Id, new { type = "counter", total = 0 });

        Assert.Equal("left", await Within.Deadline(right.Node.ConnectAsync(left.Info, keep: false)));

        await right.NextAsync<MeshConnectedEventArgs>();
        await left.NextAsync<MeshConnectedEventArgs>();
        Assert.Equal(0, (int)(await left.NextAsync<MeshMessage>()).Data["total"]!);
        Assert.Null((await left.NextAsync<MeshDisconnectedEventArgs>()).Error);
        Assert.Null((await right.NextAsync<MeshDisconnectedEventArgs>()).Error);
        Assert.Empty(left.Node.Connections);
    }

    [Fact]
    public async Task The_counter_of_the_seed_runs_past_1000()
    {
        await using var scene = new MeshScene();
        var left = new MeshNode("e4663c9c3f9a89112afc48389a951e09");
        var right = new MeshNode("b073a8ee09e1daca57e9d54a5efe5684");
        await using var first = left;
        await using var second = right;
        var reached = new TaskCompletionSource();
        left.Listening += (_, e) => _ = right.ConnectAsync(e.Info);
        right.Connected += (_, e) => _ = right.SendAsync(e.Id, new { type = "counter", total = 0 });
        left.OnMessage(Count);
        right.OnMessage(Count);
        await Within.Deadline(right.StartAsync());
        await Within.Deadline(left.StartAsync());

        await Within.Deadline(reached.Task);

        async Task Count(MeshMessage message)
        {
            var total = (int)message.Data["total"]!;
            if (total > 1000)
            {
                reached.TrySetResult();
                return;
            }

            await message.ReplyAsync(new { type = "counter", total = total + 1 });
        }
    }

    [Fact]
    public async Task A_handler_of_Connected_may_still_keep_the_connection()
    {
        await using var scene = new MeshScene();
        var left = await scene.StartAsync("left");
        var right = await scene.StartAsync("right");
        left.Node.Connected += (_, e) => _ = left.Node.KeepAsync(e.Id);

        await Within.Deadline(right.Node.ConnectAsync(left.Info, keep: false));

        await left.NextAsync<MeshConnectedEventArgs>();
        await right.NextAsync<MeshConnectedEventArgs>();
        Assert.True(await left.Node.SendAsync("right", new { }));
        Assert.True(await right.Node.SendAsync("left", new { }));
        await left.NextAsync<MeshMessage>();
        await right.NextAsync<MeshMessage>();
        Assert.Equal((true, false), (left.Node.IsKept("right"), right.Node.IsKept("left")));
    }

    [Fact]
    public async Task A_connection_that_is_kept_no_more_ends()
    {
        await using var scene = new MeshScene();
        var left = await scene.StartAsync("left");
        var right = await scene.StartAsync("right");

        // Before it connects: else right might hear first that left does not keep.
        await left.Node.KeepAsync("right");
        await Within.Deadline(right.Node.ConnectAsync(left.Info));
        await right.NextAsync<MeshConnectedEventArgs>();
        await left.NextAsync<MeshConnectedEventArgs>();

        await right.Node.KeepAsync("left", false);
        await right.Node.SendAsync("left", new { still = "there" });
        await left.NextAsync<MeshMessage>();
        await left.Node.KeepAsync("right", false);

        Assert.Null((await right.NextAsync<MeshDisconnectedEventArgs>()).Error);
        Assert.Null((await left.NextAsync<MeshDisconnectedEventArgs>()).Error);
        Assert.False(left.Node.IsKept("right") || right.Node.IsKept("left"));
    }

    [Fact]
    public async Task What_is_queued_goes_first_then_what_handlers_of_Connected_send_then_the_keep_packet()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        node.Node.Connected += (_, e) => _ = node.Node.SendAsync(e.Id, new { sent = "in Connected" });
        using var raw = await RawNode.DialAsync(node.Info, "raw");
        var queued = node.Node.SendAsync("raw", new { sent = "before" });
        Assert.False(queued.IsCompleted);

        await raw.WriteAsync("""{"priority":1}""");

        Assert.Equal("""{"confirm":true}""", await raw.ReadAsync());
        Assert.Equal("""{"sent":"before"}""", await raw.ReadAsync());
        Assert.Equal("""{"sent":"in Connected"}""", await raw.ReadAsync());
        Assert.Equal("[false]", await raw.ReadAsync());
        Assert.True(await Within.Deadline(queued));
    }

    [Fact]
    public async Task A_keep_packet_that_comes_first_is_judged_when_this_node_has_said_its_own()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        node.Node.Connected += (_, e) => _ = node.Node.KeepAsync(e.Id);
        using var raw = await RawNode.DialAsync(node.Info, "raw");

        await raw.WriteAsync("""{"priority":1}""", "[false]", """{"n":1}""");

        await node.NextAsync<MeshConnectedEventArgs>();
        Assert.Equal("""{"n":1}""", (await node.NextAsync<MeshMessage>()).Packet.ToString());
        Assert.Equal(["raw"], node.Node.Connections);
    }

    [Fact]
    public async Task What_comes_behind_a_keep_packet_that_ends_the_connection_is_not_delivered()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var raw = await RawNode.ConnectAsync(node.Info, "raw");

        await raw.WriteAsync("""{"n":1}""", "[false]", """{"n":2}""");

        await node.NextAsync<MeshConnectedEventArgs>();
        Assert.Equal("""{"n":1}""", (await node.NextAsync<MeshMessage>()).Packet.ToString());
        Assert.Null((await node.NextAsync<MeshDisconnectedEventArgs>()).Error);
        Assert.Equal("[false]", await raw.ReadAsync());
        Assert.Null(await raw.ReadAsync());
        Assert.False(node.HasMore);
    }

    [Fact]
    public async Task A_node_may_be_kept_before_it_is_connected()
    {
        await using var scene = new MeshScene();
        var left = await scene.StartAsync("left");
        var right = await scene.StartAsync("right");
        await left.Node.KeepAsync("right");

        await Within.Deadline(right.Node.ConnectAsync(left.Info, keep: false));

        await right.NextAsync<MeshConnectedEventArgs>();
        await left.NextAsync<MeshConnectedEventArgs>();
        await right.Node.SendAsync("left", new { });
        await left.NextAsync<MeshMessage>();
        Assert.True(left.Node.IsKept("right"));
    }
}

using System.Buffers;
using System.Globalization;
using Link.Abstractions;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

public sealed class NodeSendTests
{
    [Fact]
    public async Task A_packet_for_a_node_that_is_not_known_is_not_sent()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");

        Assert.False(await node.Node.SendAsync("not-a-valid-node", new { not = "sent" }));
    }

    [Theory]
    [InlineData(MeshFormat.Json)]
    [InlineData(MeshFormat.MessagePack)]
    public async Task What_is_no_object_is_an_argument_error(MeshFormat format)
    {
        await using var scene = new MeshScene(format);
        var node = await scene.StartAsync("node");

        foreach (var packet in new object[] { "text", 1, true, new[] { 1 }, Payload.FromJson("null"), Payload.FromJson(" [ ]"), default(Payload) })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => node.Node.SendAsync("other", packet));
        }

        await Assert.ThrowsAsync<ArgumentNullException>(() => node.Node.SendAsync("other", null!));
    }

    [Fact]
    public async Task The_member_of_the_protocol_is_an_argument_error_in_MessagePack_only()
    {
        await using var binary = new MeshScene(MeshFormat.MessagePack);
        var node = await binary.StartAsync("node");
        await Assert.ThrowsAsync<ArgumentException>(() => node.Node.SendAsync("other", Payload.FromJson("""{"a":1,"$mas\u0074erless":{}}""")));
        Assert.False(await node.Node.SendAsync("other", Payload.FromJson("""{"a":{"$masterless":{}}}""")));

        await using var text = new MeshScene();
        var (left, right) = await text.ConnectAsync();
        Assert.True(await right.Node.SendAsync("left", Payload.FromJson("""{"$masterless":{"keep":false}}""")));
        await left.NextAsync<MeshMessage>();
    }

    [Theory]
    [InlineData(MeshFormat.Json)]
    [InlineData(MeshFormat.MessagePack)]
    public async Task One_packet_for_several_nodes_is_encoded_once(MeshFormat format)
    {
        await using var scene = new MeshScene(format);
        var serializer = new CountingSerializer();
        var hub = await scene.StartAsync("hub", options => options with { Serializer = serializer });
        var others = await Task.WhenAll(Enumerable.Range(0, 3).Select(n => scene.StartAsync(n.ToString(CultureInfo.InvariantCulture))));
        foreach (var other in others)
        {
            await Within.Deadline(hub.Node.ConnectAsync(other.Info));
            await other.NextAsync<MeshConnectedEventArgs>();
        }

        Assert.Equal(3, await Within.Deadline(hub.Node.SendAsync(["0", "1", "2", "unknown"], new { multiple = "dispatch" })));

        Assert.Equal(1, serializer.Count);
        foreach (var other in others)
        {
            Assert.Equal("""{"multiple":"dispatch"}""", (await other.NextAsync<MeshMessage>()).Packet.ToString());
        }
    }

    [Fact]
    public async Task A_packet_that_is_too_large_is_refused_and_nothing_else_is_lost()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync(change: options => options with { Limits = new() { MaxFrameBytes = 1024 } });

        var refused = await Assert.ThrowsAsync<LinkException>(() => right.Node.SendAsync("left", new { text = new string('x', 2000) }));
        Assert.Equal(0, await right.Node.SendAsync(["left"], new { text = new string('x', 2000) }));

        Assert.Equal((LinkError.TooLarge, RequestFate.NotSent), (refused.Error, refused.Fate));
        Assert.Equal("left", (await right.NextAsync<MeshErrorEventArgs>()).Id);
        Assert.True(await right.Node.SendAsync("left", new { n = 1 }));
        Assert.Equal("""{"n":1}""", (await left.NextAsync<MeshMessage>()).Packet.ToString());
    }

    [Fact]
    public async Task White_space_in_a_payload_does_not_end_the_packet()
    {
        await using var scene = new MeshScene();
        var (left, right) = await scene.ConnectAsync();

        Assert.True(await right.Node.SendAsync("left", Payload.FromJson("{\r\n\"n\" : 1\r\n}\r\n")));

        Assert.Equal(1, (int)(await left.NextAsync<MeshMessage>()).Data["n"]!);
    }

    [Theory]
    [InlineData(MeshFormat.Json)]
    [InlineData(MeshFormat.MessagePack)]
    public async Task Packets_of_many_threads_arrive_once_each_and_in_order(MeshFormat format)
    {
        const int Threads = 4;
        const int Packets = 1000;
        await using var scene = new MeshScene(format);
        var (left, right) = await scene.ConnectAsync();

        await Within.Deadline(Task.WhenAll(
            from sender in new[] { (From: left, To: "right"), (From: right, To: "left") }
            from thread in Enumerable.Range(0, Threads)
            select Task.Run(() => SendAsync(sender.From, sender.To, thread))));

        foreach (var receiver in new[] { left, right })
        {
            var next = new int[Threads];
            for (var n = 0; n < Threads * Packets; n++)
            {
                var packet = (await receiver.NextAsync<MeshMessage>()).Data;
                Assert.Equal(next[(int)packet["thread"]!]++, (int)packet["n"]!);
            }

            Assert.False(receiver.HasMore);
        }

        static async Task SendAsync(WatchedNode from, string to, int thread)
        {
            for (var n = 0; n < Packets; n++)
            {
                Assert.True(await from.Node.SendAsync(to, new { thread, n }));
            }
        }
    }

    [Fact]
    public async Task What_waits_for_a_handshake_that_fails_is_not_sent()
    {
        await using var scene = new MeshScene();
        var node = await scene.StartAsync("node");
        using var raw = await RawNode.DialAsync(node.Info, "raw");
        var waiting = node.Node.SendAsync("raw", new { });
        Assert.False(waiting.IsCompleted);

        raw.Dispose();

        Assert.Equal(RequestFate.NotSent, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(waiting))).Fate);
        Assert.False(await node.Node.SendAsync("raw", new { }));
        Assert.Empty(node.Node.Connections);
    }

    private sealed class CountingSerializer : IPayloadSerializer
    {
        public int Count { get; private set; }

        public void Serialize(IBufferWriter<byte> output, object? value)
        {
            Count++;
            NewtonsoftSerializer.Default.Serialize(output, value);
        }

        public T? Deserialize<T>(ReadOnlyMemory<byte> utf8) => NewtonsoftSerializer.Default.Deserialize<T>(utf8);
    }
}

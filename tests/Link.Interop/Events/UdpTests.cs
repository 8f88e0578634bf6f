using System.Net.Sockets;
using System.Text;
using Link.Interop.Harness;
using Link.NodeIpc.Events;

namespace Link.Interop.Events;

/// <summary>The UDP example of node-ipc's documents, where everybody is a server: one of the two in C#.</summary>
[Collection(FirstNode.Name)]
public sealed class UdpTests
{
    private readonly Seen<string> _seen = new();

    public static TheoryData<Over, string> Datagrams => new()
    {
        { Over.Udp4, NodeModules.PinnedVersion },
        { Over.Udp6, NodeModules.PinnedVersion },
        { Over.Udp4, NodeModules.OldVersion },
    };

    [Theory]
    [MemberData(nameof(Datagrams))]
    public async Task The_world_is_in_CSharp_and_hello_comes_from_Node(Over over, string version)
    {
        await using var meeting = await EventMeeting.StartAsync(over, version: version);
        meeting.Ipc.Server.On("message", message =>
            message.Socket.EmitAsync("message", new { from = EventMeeting.Sharp, message = $"{message.Data["message"]} world!" }));
        await meeting.ServeAsync(meeting.Ipc);
        var hello = await meeting.AddServingAsync();

        await hello.EmitAsync(new { type = "message", data = new { from = "hello", message = "Hello" } });

        Assert.Equal("Hello world!", (string?)(await hello.HappenedAsync("message"))[0]["data"]!["message"]);
    }

    [Theory]
    [MemberData(nameof(Datagrams))]
    public async Task The_world_is_in_Node_and_hello_comes_from_CSharp(Over over, string version)
    {
        await using var meeting = await EventMeeting.StartAsync(over, version: version);
        var world = await meeting.AddServingAsync(reactions: new { message = "world by name" });
        meeting.Ipc.Server.On("message", message => _seen.Add($"{message.Data["from"]}: {message.Data["message"]}"));
        await meeting.ServeAsync(meeting.Ipc);

        var socket = await meeting.ToAsync(meeting.Ipc);
        await meeting.Ipc.Server.EmitAsync(socket, "message", new { from = EventMeeting.Sharp, message = "Hello" });

        Assert.Equal("world: Hello world!", await _seen.NextAsync());
        Assert.Equal(["connect", "message", "start"], (await world.EverythingAsync()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Datagrams))]
    public async Task The_empty_datagram_that_greets_is_nothing_to_Node(Over over, string version)
    {
        await using var meeting = await EventMeeting.StartAsync(over, version: version);
        var node = await meeting.AddServingAsync();
        var (host, port) = meeting.PlaceOf(EventMeeting.Node);
        using var udp = new UdpClient(host, port);

        Assert.Equal(0, await udp.SendAsync(ReadOnlyMemory<byte>.Empty));
        await udp.SendAsync(Encoding.UTF8.GetBytes("""{"type":"tell","data":1}""" + "\f"));

        Assert.Equal(1, (int?)Assert.Single(await node.HappenedAsync("tell"))["data"]);
        Assert.Equal(["connect", "start", "tell"], (await node.EverythingAsync()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Over.Udp4)]
    [InlineData(Over.Udp6)]
    public async Task Our_broadcast_reaches_every_peer_that_has_sent_something(Over over)
    {
        await using var meeting = await EventMeeting.StartAsync(over);
        meeting.Ipc.Server.On("tell", message => _seen.Add(message.As<string>()!));
        await meeting.ServeAsync(meeting.Ipc);
        var (one, two) = (await meeting.AddServingAsync("one"), await meeting.AddServingAsync("two"));
        await one.EmitAsync(new { type = "tell", data = "one" });
        await two.EmitAsync(new { type = "tell", data = "two" });
        Assert.Equal(["one", "two"], (await _seen.NextAsync(2)).Order(StringComparer.Ordinal));

        Assert.Equal(2, await meeting.Ipc.Server.BroadcastAsync("news", "é\f"));

        Assert.Equal("é\f", (string?)Assert.Single(await one.HappenedAsync("news"))["data"]);
        Assert.Equal("é\f", (string?)Assert.Single(await two.HappenedAsync("news"))["data"]);
    }

    [Theory]
    [InlineData(Over.Udp4)]
    [InlineData(Over.Udp6)]
    public async Task Our_server_remembers_the_id_that_a_Node_peer_told(Over over)
    {
        await using var meeting = await EventMeeting.StartAsync(over);
        meeting.Ipc.Server.On("tell", message => _seen.Add($"{message.Socket.Id}"));
        await meeting.ServeAsync(meeting.Ipc);
        var node = await meeting.AddServingAsync();

        await node.EmitAsync(new { type = "tell", data = new { id = "me" } });
        Assert.Equal("me", await _seen.NextAsync());
        await node.EmitAsync(new { type = "tell", data = 1 });
        Assert.Equal("me", await _seen.NextAsync());
    }

    [Theory]
    [InlineData(Over.Udp4)]
    [InlineData(Over.Udp6)]
    public async Task In_raw_mode_a_datagram_of_Node_arrives_unchanged(Over over)
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        await using var meeting = await EventMeeting.StartAsync(over, options => options with { RawBuffer = true });
        var received = new Seen<byte[]>();
        meeting.Ipc.Server.Data += (_, args) => received.Add(args.Bytes.ToArray());
        await meeting.ServeAsync(meeting.Ipc);
        var node = await meeting.AddAsync(config: new() { ["rawBuffer"] = true });
        await node.ServeAsync();

        await node.EmitAsync(new { hex = Convert.ToHexString(all) });

        Assert.Equal(all, await received.NextAsync());
    }
}

using Link.Interop.Harness;
using Link.NodeIpc.Events;

namespace Link.Interop.Events;

/// <summary>A broadcast reaches everybody who is connected, the sender of the message that caused it included.</summary>
[Collection(FirstNode.Name)]
public sealed class BroadcastTests
{
    public static TheoryData<Over, string> Streams => new()
    {
        { Over.Unix, NodeModules.PinnedVersion },
        { Over.Tcp, NodeModules.PinnedVersion },
        { Over.MutualTls, NodeModules.PinnedVersion },
        { Over.Unix, NodeModules.OldVersion },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Ours_reaches_all_clients_of_Node(Over over, string version)
    {
        await using var meeting = await EventMeeting.StartAsync(over, version: version);
        var reached = new Seen<int>();
        var connected = new Seen<IpcSocket>();
        meeting.Ipc.Server.Connected += (_, args) => connected.Add(args.Socket);
        meeting.Ipc.Server.On("tell", async message => reached.Add(await meeting.Ipc.Server.BroadcastAsync("news", message.Data)));
        await meeting.ServeAsync(meeting.Ipc);
        EventNodePeer[] nodes = [await meeting.AddAsync("one"), await meeting.AddAsync("two"), await meeting.AddAsync("three")];
        foreach (var node in nodes)
        {
            await node.ConnectAsync();
            await connected.NextAsync();
        }

        await nodes[0].EmitAsync(new { type = "tell", data = new { text = "é\f" } });

        foreach (var node in nodes)
        {
            Assert.Equal("é\f", (string?)Assert.Single(await node.HappenedAsync("news"))["data"]!["text"]);
        }

        Assert.Equal(3, await reached.NextAsync());
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task That_of_Node_reaches_all_clients_of_ours(Over over, string version)
    {
        await using var meeting = await EventMeeting.StartAsync(over, version: version);
        var node = await meeting.AddServingAsync(reactions: new { tell = "broadcast" });
        List<Seen<string>> seen = [];
        foreach (var ipc in new[] { meeting.Ipc, meeting.Make(), meeting.Make() })
        {
            var news = new Seen<string>();
            seen.Add(news);
            ipc.Of(EventMeeting.Node).On("news", message => news.Add((string)message.Data["text"]!));
            await meeting.ConnectAsync(ipc);
        }

        await node.HappenedAsync("connect", seen.Count);
        await meeting.Ipc.Of(EventMeeting.Node).EmitAsync("tell", new { text = "é\f" });

        foreach (var news in seen)
        {
            Assert.Equal("é\f", await news.NextAsync());
        }
    }
}

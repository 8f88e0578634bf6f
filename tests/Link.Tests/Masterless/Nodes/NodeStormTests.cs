using System.Globalization;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

public sealed class NodeStormTests
{
    private const int Nodes = 100;

    [Fact]
    public async Task A_hundred_nodes_come_and_go_and_each_time_both_sides_hear_of_it_once()
    {
        await using var scene = new MeshScene();
        var hub = await scene.StartAsync("hub");
        var nodes = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(n => scene.StartAsync(n.ToString(CultureInfo.InvariantCulture))));
        for (var round = 0; round < 3; round++)
        {
            await Within.Deadline(Task.WhenAll(nodes.Select(node => node.Node.ConnectAsync(hub.Info))));
            Assert.Equal(Nodes, (await IdsAsync(hub, (MeshConnectedEventArgs e) => e.Id)).Count);
            Assert.Equal(Nodes, hub.Node.Connections.Count);
            foreach (var node in nodes)
            {
                await node.NextAsync<MeshConnectedEventArgs>();
            }

            await Within.Deadline(Task.WhenAll(nodes.Select(node => node.Node.DisconnectAsync("hub"))));
            Assert.Equal(Nodes, (await IdsAsync(hub, (MeshDisconnectedEventArgs e) => e.Id)).Count);
            foreach (var node in nodes)
            {
                Assert.Null((await node.NextAsync<MeshDisconnectedEventArgs>()).Error);
            }
        }

        Assert.False(hub.HasMore || nodes.Any(node => node.HasMore));
    }

    [Fact]
    public async Task A_hundred_nodes_that_keep_come_back_at_once()
    {
        await using var scene = new MeshScene();
        var hub = await scene.StartAsync("hub");
        var nodes = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(n => scene.StartAsync(n.ToString(CultureInfo.InvariantCulture))));
        await Within.Deadline(Task.WhenAll(nodes.Select(node => node.Node.ConnectAsync(hub.Info))));
        await IdsAsync(hub, (MeshConnectedEventArgs e) => e.Id);

        await Within.Deadline(Task.WhenAll(hub.Node.Connections.Select(id => hub.Node.DisconnectAsync(id))));

        var (gone, back) = (new HashSet<string>(), new HashSet<string>());
        while (back.Count < Nodes)
        {
            var said = await hub.NextAsync();
            Assert.True(said is MeshDisconnectedEventArgs left ? gone.Add(left.Id) : back.Add(((MeshConnectedEventArgs)said).Id));
        }

        Assert.Equal(Nodes, gone.Count);
        Assert.Equal(Nodes, await Within.Deadline(hub.Node.SendAsync(gone, new { })));
        foreach (var node in nodes)
        {
            await node.NextAsync<MeshConnectedEventArgs>();
            await node.NextAsync<MeshMessage>();
            Assert.True(node.Node.IsKept("hub"));
            Assert.False(node.HasMore);
        }
    }

    private static async Task<HashSet<string>> IdsAsync<T>(WatchedNode node, Func<T, string> id)
    {
        var ids = new HashSet<string>();
        for (var n = 0; n < Nodes; n++)
        {
            ids.Add(id(await node.NextAsync<T>()));
        }

        return ids;
    }
}

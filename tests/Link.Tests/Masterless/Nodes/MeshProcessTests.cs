using System.Globalization;
using Link.Abstractions;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

/// <summary>Nodes in several processes, one of which is killed or stopped.</summary>
public sealed class MeshProcessTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Of_50_nodes_that_are_all_connected_a_third_is_killed_and_the_rest_notice_and_go_on()
    {
        const int Here = 17;
        const int There = 17;
        const int Killed = 16;
        await using var scene = new MeshScene();
        await using var rest = await MeshProcess.StartAsync("rest", There);
        await using var killed = await MeshProcess.StartAsync("killed", Killed);
        var nodes = await Task.WhenAll(Enumerable.Range(0, Here).Select(n => scene.StartAsync($"here{n}", Patient)));

        // What the rest has without those that are to be killed.
        await Task.WhenAll(rest.DoAsync("connect"), ConnectAsync(nodes, rest.Infos));
        Assert.Equal("settled", await rest.DoAsync($"settle {Here + There - 1}"));
        var sockets = rest.Sockets;

        await Task.WhenAll(killed.DoAsync("connect"), rest.DoAsync(Connect(killed.Infos)), ConnectAsync(nodes, killed.Infos));
        foreach (var process in new[] { rest, killed })
        {
            Assert.Equal("settled", await process.DoAsync($"settle {Here + There + Killed - 1}"));
        }

        foreach (var node in nodes)
        {
            await IdsAsync(node, Here + There + Killed - 1, (MeshConnectedEventArgs e) => e.Id);
        }

        Assert.Equal(Text(There * (Here + There + Killed - 1)), await rest.DoAsync("shout"));
        Assert.Equal(Text(Killed * (Here + There + Killed - 1)), await killed.DoAsync("shout"));
        foreach (var node in nodes)
        {
            Assert.Equal(There + Killed, (await IdsAsync(node, There + Killed, (MeshMessage message) => message.Sender)).Count);
        }

        killed.Kill();

        foreach (var node in nodes)
        {
            var gone = await IdsAsync(node, Killed, (MeshDisconnectedEventArgs e) => e.Error?.Error == LinkError.ConnectionLost ? e.Id : $"{e.Error}");
            Assert.Equal(Enumerable.Range(0, Killed).Select(n => $"killed{n}").ToHashSet(), gone);
            Assert.Equal(Here + There - 1, node.Node.Connections.Count);
        }

        Assert.Equal(Text(There * Killed), await rest.DoAsync($"lost {There * Killed}"));
        Assert.Equal("settled", await rest.DoAsync($"settle {Here + There - 1}"));
        Assert.Equal(Text(There * (Here + There - 1)), await rest.DoAsync("shout"));
        foreach (var node in nodes)
        {
            Assert.Equal(Enumerable.Range(0, There).Select(n => $"rest{n}").ToHashSet(), await IdsAsync(node, There, (MeshMessage message) => message.Sender));
            Assert.False(node.HasMore);
        }

        await Within.Until(() => rest.Sockets == sockets, Long);
        Assert.InRange(rest.Threads, 1, 64);
    }

    [Fact]
    public async Task Nodes_of_a_process_that_stands_still_count_as_dead_and_come_back_when_it_goes_on()
    {
        const int Here = 3;
        const int Frozen = 2;
        await using var scene = new MeshScene();
        await using var frozen = await MeshProcess.StartAsync("frozen", Frozen);
        var nodes = await Task.WhenAll(Enumerable.Range(0, Here).Select(n => scene.StartAsync($"here{n}", options => Patient(options) with
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(200),
            DeadPeerTimeout = TimeSpan.FromSeconds(5),
            WatchOriginals = true,
        })));
        await ConnectAsync(nodes, []);

        // It connects, and it alone keeps: so it alone has to come back.
        Assert.Equal("connected", await frozen.DoAsync(Connect([.. nodes.Select(node => node.Info)])));
        foreach (var node in nodes)
        {
            await IdsAsync(node, Here + Frozen - 1, (MeshConnectedEventArgs e) => e.Id);
        }

        await frozen.FreezeAsync();
        foreach (var node in nodes)
        {
            var gone = await IdsAsync(node, Frozen, (MeshDisconnectedEventArgs e) => e.Error?.Error == LinkError.ConnectionLost ? e.Id : $"{e.Error}");
            Assert.Equal(["frozen0", "frozen1"], gone.Order(StringComparer.Ordinal));
            Assert.Equal(Here - 1, node.Node.Connections.Count);
        }

        frozen.Thaw();
        foreach (var node in nodes)
        {
            Assert.Equal(["frozen0", "frozen1"], (await IdsAsync(node, Frozen, (MeshConnectedEventArgs e) => e.Id)).Order(StringComparer.Ordinal));
        }

        // The side that dialled knows last.
        Assert.Equal("settled", await frozen.DoAsync($"settle {Here + Frozen - 1}"));
        Assert.Equal(Text(Frozen * (Here + Frozen - 1)), await frozen.DoAsync("shout"));
        foreach (var node in nodes)
        {
            await IdsAsync(node, Frozen, (MeshMessage message) => message.Sender);
            Assert.False(node.HasMore);
        }
    }

    /// <summary>Times that a loaded machine keeps.</summary>
    private static MeshOptions Patient(MeshOptions options) => options with { ConnectTimeout = Long, HandshakeTimeout = Long, DeadPeerTimeout = Long };

    private static Task ConnectAsync(WatchedNode[] nodes, IReadOnlyList<string> infos) => Within.Deadline(
        Task.WhenAll(nodes.SelectMany((node, n) => nodes[(n + 1)..].Select(other => other.Info).Concat(infos).Select(info => node.Node.ConnectAsync(info)))),
        Long);

    private static string Connect(IReadOnlyList<string> infos) => $"connect {string.Join(' ', infos)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<HashSet<string>> IdsAsync<T>(WatchedNode node, int count, Func<T, string> id)
    {
        var ids = new HashSet<string>();
        for (var n = 0; n < count; n++)
        {
            ids.Add(id(await node.NextAsync<T>()));
        }

        return ids;
    }
}

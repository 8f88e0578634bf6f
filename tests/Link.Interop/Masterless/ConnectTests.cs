using System.Globalization;
using Link.Abstractions;
using Link.Interop.Harness;
using Link.Masterless;
using Link.Testing;

namespace Link.Interop.Masterless;

/// <summary>Connecting with nodes of masterless, whoever does it and however often.</summary>
[Collection(MeshNodes.Name)]
public sealed class ConnectTests
{
    public static TheoryData<MeshFormat> Formats => MeshMeeting.Formats;

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task CSharp_connects_with_JavaScript(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = (await meeting.AddSharpAsync(), await meeting.AddScriptAsync());

        Assert.Equal("script", await sharp.Node.ConnectAsync(script.Info));

        Assert.Equal(("script", script.Info), await sharp.Connected.NextAsync());
        var connect = Assert.Single(await script.HappenedAsync("connect"));
        Assert.Equal(("sharp", sharp.Info), ((string?)connect["id"], (string?)connect["info"]));
        await AssertTalkAsync(sharp, script);
        Assert.True(sharp.Node.IsKept("script"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_connects_with_CSharp(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = (await meeting.AddSharpAsync(), await meeting.AddScriptAsync());

        Assert.Equal("sharp", await script.KeepAndConnectAsync("sharp", sharp.Info));

        Assert.Equal(("script", script.Info), await sharp.Connected.NextAsync());
        var connect = Assert.Single(await script.HappenedAsync("connect"));
        Assert.Equal(("sharp", sharp.Info), ((string?)connect["id"], (string?)connect["info"]));
        await AssertTalkAsync(sharp, script);
        Assert.False(sharp.Node.IsKept("script"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_port_at_which_nobody_listens_refuses_both(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = (await meeting.AddSharpAsync(), await meeting.AddScriptAsync());
        var nobody = string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{FreePorts.Next()}");

        var failed = await Assert.ThrowsAsync<LinkException>(() => sharp.Node.ConnectAsync(nobody));

        Assert.Equal(RequestFate.NotSent, failed.Fate);
        Assert.Contains("ECONNREFUSED", await script.ConnectAsync(nobody), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_node_of_the_same_id_is_oneself_for_both(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = (await meeting.AddSharpAsync("same"), await meeting.AddScriptAsync("same"));

        foreach (var info in new[] { sharp.Info, script.Info })
        {
            var failed = await Assert.ThrowsAsync<LinkException>(() => sharp.Node.ConnectAsync(info));
            Assert.Equal(RequestFate.NotSent, failed.Fate);
        }

        Assert.Equal("Error: connection closed", await script.ConnectAsync(sharp.Info));
        Assert.Empty(sharp.Node.Connections);
        Assert.Empty(await script.ConnectionsAsync());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Who_is_connected_already_is_not_connected_twice(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.AcceptAsync();

        Assert.Equal("Error: connection closed", await script.ConnectAsync(sharp.Info));
        Assert.Equal("script", await sharp.Node.ConnectAsync(script.Info));
        Assert.Equal("script", await sharp.Node.ConnectAsync(script.Info));

        await script.CallAsync("socketsAre", 1);
        await AssertTalkAsync(sharp, script);
        Assert.True(sharp.Node.IsKept("script"));
        Assert.Equal((0, 0), (sharp.Connected.Count, sharp.Disconnected.Count));
        Assert.Equal((1, 0), (await script.CountAsync("connect"), await script.CountAsync("disconnect")));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Six_connects_leave_one_connection(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = (await meeting.AddSharpAsync(), await meeting.AddScriptAsync());
        await script.KeepAsync("sharp");

        var theirs = script.ConnectManyAsync(sharp.Info, 3);
        var ours = await Within.Deadline(Task.WhenAll(Enumerable.Range(0, 3).Select(_ => sharp.Node.ConnectAsync(script.Info))));

        Assert.Equal(["script", "script", "script"], ours);
        Assert.All(await theirs, outcome => Assert.True(outcome == "sharp" || outcome.StartsWith("Error", StringComparison.Ordinal), outcome));
        Assert.Equal("script", (await sharp.Connected.NextAsync()).Id);
        await script.CallAsync("socketsAre", 1);
        await AssertTalkAsync(sharp, script);
        Assert.Equal((0, 0), (sharp.Connected.Count, sharp.Disconnected.Count));
        Assert.Equal(1, await script.CountAsync("connect"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Nodes_of_both_are_connected_each_with_each(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var sharps = new[] { await meeting.AddSharpAsync("sharp one"), await meeting.AddSharpAsync("sharp two") };
        var scripts = new[] { await meeting.AddScriptAsync("script one"), await meeting.AddScriptAsync("script two") };

        await sharps[0].Node.ConnectAsync(sharps[1].Info);
        await scripts[0].KeepAndConnectAsync("script two", scripts[1].Info);
        foreach (var (sharp, script) in sharps.Zip(scripts))
        {
            await sharp.Node.ConnectAsync(script.Info);
        }

        await scripts[0].KeepAndConnectAsync("sharp two", sharps[1].Info);
        await scripts[1].KeepAndConnectAsync("sharp one", sharps[0].Info);
        foreach (var sharp in sharps)
        {
            await sharp.Connected.NextAsync(3);
        }

        Assert.Equal(["script one", "script two", "sharp two"], sharps[0].Node.Connections.Order(StringComparer.Ordinal));
        Assert.Equal(["script one", "script two", "sharp one"], sharps[1].Node.Connections.Order(StringComparer.Ordinal));
        Assert.Equal(["script two", "sharp one", "sharp two"], (await scripts[0].ConnectionsAsync()).Order(StringComparer.Ordinal));
        Assert.Equal(["script one", "sharp one", "sharp two"], (await scripts[1].ConnectionsAsync()).Order(StringComparer.Ordinal));
    }

    private static async Task AssertTalkAsync(MeshSharp sharp, MeshPeer script)
    {
        Assert.True(await sharp.Node.SendAsync("script", new { from = "sharp" }));
        Assert.True(await script.SendAsync("sharp", new { from = "script" }));
        Assert.Equal(["sharp {\"from\":\"sharp\"}"], await script.MessagesAsync());
        Assert.Equal("script {\"from\":\"script\"}", await sharp.Messages.NextAsync());
        Assert.Equal(["script"], sharp.Node.Connections);
        Assert.Equal(["sharp"], await script.ConnectionsAsync());
    }
}

using System.Runtime.Versioning;
using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>
/// Peers of another user, refused on both sides. Only root can play another user: run by somebody else, these tests have nothing to show.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class ForeignUserTests
{
    private const uint Root = 0;

    // Not passed over in silence: what is shown here is a promise of the security page.
    private const string NeedsRoot = "This test starts a process of another user, and so must itself run as root.";

    [Fact]
    public async Task The_mode_of_the_socket_file_keeps_another_user_out()
    {
        Assert.True(HostProcess.CanBecomeNobody, NeedsRoot);

        await using var bench = new Bench();
        await bench.StartEchoAsync("server");
        await using var stranger = await HostProcess.StartAsync(bench, "stranger", asNobody: true, Root);
        Assert.Equal("Untrusted NotSent", await stranger.SendAsync("server"));
    }

    [Fact]
    public async Task The_accepting_side_refuses_a_peer_of_another_user()
    {
        Assert.True(HostProcess.CanBecomeNobody, NeedsRoot);

        await using var scene = await Scene.SetAsync();
        await using var stranger = await HostProcess.StartAsync(scene.Bench, "foreigner", asNobody: true, Root);
        OpenToEverybody(scene.Bench, "victim");
        Assert.StartsWith("ConnectionLost", await stranger.SendAsync("victim"), StringComparison.Ordinal);
        var fault = await scene.Events.NextFaultAsync();
        Assert.Equal(LinkError.Untrusted, fault.Error);
        Assert.Equal((HostProcess.Nobody, stranger.ProcessId), (fault.Peer?.UserId, fault.Peer?.ProcessId));
        Assert.Equal(1, scene.Server.Statistics.TransportFaults);
        Assert.DoesNotContain(scene.Events.All, told => told.Contains($"pid {stranger.ProcessId}", StringComparison.Ordinal) && !told.StartsWith("error", StringComparison.Ordinal));
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task The_dialling_side_refuses_a_peer_of_another_user()
    {
        Assert.True(HostProcess.CanBecomeNobody, NeedsRoot);

        await using var scene = await Scene.SetAsync();
        await using var stranger = await HostProcess.StartAsync(scene.Bench, "foreigner", asNobody: true, Root);
        var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(scene.Server.SendAsync("foreigner", new { })));
        Assert.Equal((LinkError.Untrusted, RequestFate.NotSent), (exception.Error, exception.Fate));
        Assert.Equal(HostProcess.Nobody, exception.Peer?.UserId);
        Assert.False(scene.Server.HasPeer("foreigner"));
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task Each_side_decides_for_itself_whom_it_trusts()
    {
        Assert.True(HostProcess.CanBecomeNobody, NeedsRoot);

        await using var bench = new Bench();
        var server = await bench.StartEchoAsync("server", options => options with { TrustedUserIds = [HostProcess.Nobody] });
        await using var stranger = await HostProcess.StartAsync(bench, "stranger", asNobody: true);
        OpenToEverybody(bench, "server");
        Assert.Equal("Untrusted NotSent", await stranger.SendAsync("server"));
        var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(server.SendAsync("stranger", new { })));
        Assert.Equal(LinkError.ConnectionLost, exception.Error);
    }

    [Fact]
    public async Task Trusted_user_ids_let_another_user_in()
    {
        Assert.True(HostProcess.CanBecomeNobody, NeedsRoot);

        await using var bench = new Bench();
        var caller = new TaskCompletionSource<Peer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = await bench.StartAsync(
            "server",
            message =>
            {
                caller.SetResult(message.Peer);
                return message.ReplyAsync(new { });
            },
            options => options with { TrustedUserIds = [HostProcess.Nobody] });
        await using var stranger = await HostProcess.StartAsync(bench, "stranger", asNobody: true, Root);
        OpenToEverybody(bench, "server");
        Assert.Equal("replied", await stranger.SendAsync("server"));
        var peer = await Within.Deadline(caller.Task);
        Assert.Equal((HostProcess.Nobody, HostProcess.Nobody, stranger.ProcessId), (peer.UserId, peer.GroupId, peer.ProcessId));

        var reply = await Within.Deadline(server.SendAsync("stranger", new { }));
        Assert.Equal((stranger.ProcessId, Root), ((int)reply["pid"]!, (uint)reply["uid"]!));
    }

    private static void OpenToEverybody(Bench bench, string name) =>
        File.SetUnixFileMode(bench.PathOf(name), (UnixFileMode)Convert.ToInt32("666", 8));
}

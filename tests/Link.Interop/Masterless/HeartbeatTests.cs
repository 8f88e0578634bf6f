using Link.Abstractions;
using Link.Interop.Harness;
using Link.Masterless;

namespace Link.Interop.Masterless;

/// <summary>Nodes that have nothing to say for some seconds.</summary>
[Collection(LongMeshNodes.Name)]
public sealed class HeartbeatTests
{
    public static TheoryData<MeshFormat> Formats => MeshMeeting.Formats;

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task CSharp_sends_heartbeats_to_one_that_has_never_got_anything(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();

        await script.CallAsync("heartbeats", "sharp", 2);

        Assert.Equal((0, 0), (sharp.Messages.Count, sharp.Disconnected.Count));
        Assert.Equal((0, 0), (await script.CountAsync("message"), await script.CountAsync("disconnect")));
        Assert.Equal(["sharp"], await script.ConnectionsAsync());
    }

    // On this version of Node masterless survives its own heartbeats only towards nodes to which it has sent something: here as soon as they are connected.
    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_as_it_is_stays_connected_while_nobody_says_anything(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = (await meeting.AddSharpAsync(), await meeting.AddScriptAsync(greeting: [new { hello = "world" }], isBare: true));
        await sharp.Node.ConnectAsync(script.Info);
        Assert.Equal("script {\"hello\":\"world\"}", await sharp.Messages.NextAsync());

        await script.CallAsync("heartbeats", "sharp", 4);

        Assert.True(await script.SendAsync("sharp", new { still = "there" }));
        Assert.Equal("script {\"still\":\"there\"}", await sharp.Messages.NextAsync());
        Assert.Equal((1, 0), (await script.CountAsync("connect"), sharp.Disconnected.Count));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task CSharp_that_watches_originals_notices_that_one_is_silent(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var sharp = await meeting.AddSharpAsync(
            options: options => options with
            {
                WatchOriginals = true,
                HeartbeatInterval = TimeSpan.FromMilliseconds(100),
                DeadPeerTimeout = TimeSpan.FromSeconds(1),
                HandshakeTimeout = TimeSpan.FromSeconds(1),
            });
        var script = await meeting.AddScriptAsync();
        await sharp.Node.ConnectAsync(script.Info);
        await sharp.Connected.NextAsync();

        await script.CallAsync("doNothing", 30_000);

        var (id, error) = await sharp.Disconnected.NextAsync();
        Assert.Equal("script", id);
        Assert.IsType<LinkException>(error);
    }
}

using System.Globalization;
using Link.Abstractions;
using Link.Interop.Harness;
using Link.Masterless;
using Link.Testing;

namespace Link.Interop.Masterless;

/// <summary>Connections that end, and the one attempt to have them again.</summary>
[Collection(MeshNodes.Name)]
public sealed class LossTests
{
    public static TheoryData<MeshFormat> Formats => MeshMeeting.Formats;

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_that_does_not_keep_lets_CSharp_go(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();

        Assert.True(await sharp.Node.DisconnectAsync("script"));

        Assert.Equal(("script", null), await sharp.Disconnected.NextAsync());
        await script.HappenedAsync("disconnect");
        await script.CallAsync("socketsAre", 0);
        Assert.False(sharp.Node.IsKept("script"));
        Assert.False(await sharp.Node.DisconnectAsync("script"));
        Assert.Equal((0, 0), (sharp.Disconnected.Count, sharp.Connected.Count));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task CSharp_that_does_not_keep_lets_JavaScript_go(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.AcceptAsync();

        await script.DisconnectAsync("sharp");

        Assert.Equal(("script", null), await sharp.Disconnected.NextAsync());
        await script.CallAsync("socketsAre", 0);
        Assert.Equal((0, 0), (sharp.Disconnected.Count, sharp.Connected.Count));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_that_keeps_connects_again_when_CSharp_disconnects(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.AcceptAsync();

        await sharp.Node.DisconnectAsync("script");

        Assert.Equal(("script", null), await sharp.Disconnected.NextAsync());
        Assert.Equal(("script", script.Info), await sharp.Connected.NextAsync());
        await AssertTalkAsync(sharp, script);
        Assert.Equal((1, 0), (await script.CountAsync("connect"), await script.CountAsync("disconnect")));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task CSharp_that_keeps_connects_again_when_JavaScript_disconnects(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();

        await script.DisconnectAsync("sharp");

        await script.HappenedAsync("connect", 2);
        await AssertTalkAsync(sharp, script);
        Assert.True(sharp.Node.IsKept("script"));
        Assert.Equal((0, 0), (sharp.Disconnected.Count, sharp.Connected.Count));
    }

    // The example of the README, where the node that disconnects had connected, and the other one keeps nothing: there it does not come back.
    [Theory]
    [MemberData(nameof(Formats))]
    public async Task As_the_README_promises_CSharp_comes_back_when_JavaScript_disconnects_at_once(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (left, right) = (await meeting.AddSharpAsync("left"), await meeting.AddScriptAsync("right"));
        await right.KeepAsync("left");
        await right.CallAsync("disconnectOnce", "left");

        await left.Node.ConnectAsync(right.Info);

        await right.HappenedAsync("connect", 2);
        Assert.True(await right.SendAsync("left", new { n = 1 }));
        Assert.Equal("right {\"n\":1}", await left.Messages.NextAsync());
        Assert.Equal("right", (await left.Connected.NextAsync()).Id);
        Assert.Equal((0, 0), (left.Connected.Count, left.Disconnected.Count));
    }

    [Fact]
    public async Task JavaScript_whose_handler_throws_closes_the_connection_and_CSharp_comes_back()
    {
        await using var meeting = new MeshMeeting(MeshFormat.Json);
        var (sharp, script) = await meeting.ConnectAsync(reaction: "throw");

        await sharp.Node.SendAsync("script", new { n = 1 });

        await script.HappenedAsync("disconnect");
        await script.HappenedAsync("connect", 2);
        Assert.True(await script.SendAsync("sharp", new { n = 2 }));
        Assert.Equal("script {\"n\":2}", await sharp.Messages.NextAsync());
        Assert.Equal(0, sharp.Disconnected.Count);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_handler_of_CSharp_that_throws_closes_nothing(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var errors = new Seen<Exception>();
        var sharp = await meeting.AddSharpAsync(react: _ => _ => throw new InvalidOperationException("the handler of a test"));
        sharp.Node.Error += (_, e) => errors.Add(e.Error);
        var script = await meeting.AddScriptAsync();
        await script.KeepAndConnectAsync("sharp", sharp.Info);

        await script.SendAsync("sharp", new { n = 1 });
        await errors.NextAsync();
        await script.SendAsync("sharp", new { n = 2 });
        await errors.NextAsync();

        Assert.Equal((1, 0), (await script.CountAsync("connect"), await script.CountAsync("disconnect")));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task CSharp_gives_up_JavaScript_that_does_not_answer(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var sharp = await meeting.AddSharpAsync(options: options => options with { HandshakeTimeout = TimeSpan.FromMilliseconds(200) });
        var script = await meeting.AddScriptAsync();
        await script.CallAsync("doNothing", 20_000);

        var failed = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(sharp.Node.ConnectAsync(script.Info)));

        Assert.Equal((LinkError.Timeout, RequestFate.NotSent), (failed.Error, failed.Fate));
        Assert.Empty(sharp.Node.Connections);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task CSharp_finds_one_that_has_connected_again_where_it_announced_that_it_listens(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = (await meeting.AddSharpAsync(), await meeting.AddScriptAsync(host: null));
        await sharp.Node.KeepAsync("script");
        await script.ConnectAsync(sharp.Info);
        await sharp.Connected.NextAsync();

        await script.DisconnectAsync("sharp");

        await script.HappenedAsync("connect", 2);
        await AssertTalkAsync(sharp, script);
        Assert.Equal((0, 0), (sharp.Disconnected.Count, sharp.Connected.Count));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_that_begins_again_at_once_on_its_port_is_found(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();

        await script.RestartAsync();

        await script.HappenedAsync("connect", 2);
        await AssertTalkAsync(sharp, script);
        Assert.Equal((0, 0), (sharp.Disconnected.Count, sharp.Connected.Count));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Another_node_on_the_port_is_not_the_one_that_was_kept(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();

        await script.RestartAsync("another");

        var (id, error) = await sharp.Disconnected.NextAsync();
        Assert.Equal("script", id);
        Assert.Contains("another", Assert.IsType<LinkException>(error).Message, StringComparison.Ordinal);
        Assert.False(sharp.Node.IsKept("script"));
        Assert.False(sharp.Node.IsKept("another"));
        Assert.Equal("another", await sharp.Node.ConnectAsync(script.Info));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_that_is_killed_is_lost_and_can_be_connected_when_it_is_there_again(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();

        await meeting.KillScriptsAsync();
        var (id, error) = await sharp.Disconnected.NextAsync();
        var again = await meeting.AddScriptAsync(port: new Uri(script.Info).Port);
        Assert.False(sharp.Node.IsKept("script"));
        await sharp.Node.ConnectAsync(again.Info);

        Assert.Equal(("script", LinkError.ConnectionLost, RequestFate.Unknown), (id, error!.Error, error.Fate));
        Assert.Equal(script.Info, again.Info);
        Assert.Equal(("script", again.Info), await sharp.Connected.NextAsync());
        await AssertTalkAsync(sharp, again);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task CSharp_that_closes_is_lost_and_can_be_connected_when_it_is_there_again(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.AcceptAsync();
        var info = sharp.Info;

        await sharp.Node.CloseAsync();
        await script.HappenedAsync("disconnect");
        Assert.False(await script.IsKeptAsync("sharp"));
        var again = await meeting.AddSharpAsync(options: options => options with { Port = new Uri(info).Port });

        Assert.Null(sharp.Node.Info);
        Assert.Equal("sharp", await script.KeepAndConnectAsync("sharp", info));
        await again.Connected.NextAsync();
        await AssertTalkAsync(again, script);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_that_closes_is_lost(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();

        await script.CloseAsync();

        Assert.Equal("script", (await sharp.Disconnected.NextAsync()).Id);
        Assert.Empty(sharp.Node.Connections);
        Assert.Equal(0, sharp.Disconnected.Count);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task What_CSharp_sends_while_it_connects_again_arrives_first_and_in_order(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();
        await script.CallAsync("answerSlowly", 300);

        await script.DisconnectAsync("sharp");
        await script.HappenedAsync("opened");
        var sent = Enumerable.Range(0, 20).Select(n => sharp.Node.SendAsync("script", new { n })).ToArray();

        Assert.All(await Within.Deadline(Task.WhenAll(sent)), Assert.True);
        Assert.Equal(Enumerable.Range(0, 20).Select(n => $"sharp {{\"n\":{n}}}"), await script.MessagesAsync(20));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task What_CSharp_sends_while_it_connects_again_in_vain_fails(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();
        await script.CallAsync("answerSlowly", 20_000);

        // Its answer may come after the connection that it leads to, and then not at all.
        _ = script.DisconnectAsync("sharp").ContinueWith(static call => call.Exception, TaskScheduler.Default);
        await script.HappenedAsync("opened");
        var sent = Enumerable.Range(0, 20).Select(n => sharp.Node.SendAsync("script", new { n })).ToArray();
        await meeting.KillScriptsAsync();

        foreach (var task in sent)
        {
            Assert.Equal(RequestFate.NotSent, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(task))).Fate);
        }

        Assert.Equal("script", (await sharp.Disconnected.NextAsync()).Id);
        Assert.False(await sharp.Node.SendAsync("script", new { n = 20 }));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task What_JavaScript_sends_while_it_connects_again_arrives_in_order(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.AcceptAsync();
        var sent = script.CallAsync("sendWhenLost", "sharp", Enumerable.Range(0, 20).Select(n => new { n }));

        await sharp.Node.DisconnectAsync("script");

        Assert.All((await sent)!, each => Assert.True((bool)each));
        Assert.Equal(Enumerable.Range(0, 20).Select(n => string.Create(CultureInfo.InvariantCulture, $"script {{\"n\":{n}}}")), await sharp.Messages.NextAsync(20));
    }

    private static async Task AssertTalkAsync(MeshSharp sharp, MeshPeer script)
    {
        Assert.True(await sharp.Node.SendAsync("script", new { from = "sharp" }));
        Assert.Equal(["sharp {\"from\":\"sharp\"}"], await script.MessagesAsync());
        Assert.True(await script.SendAsync("sharp", new { from = "script" }));
        Assert.Equal("script {\"from\":\"script\"}", await sharp.Messages.NextAsync());
        await script.CallAsync("socketsAre", 1);
    }
}

using Link.Interop.Harness;
using Link.Masterless;

namespace Link.Interop.Masterless;

/// <summary>Who keeps a connection, and what becomes of one that nobody keeps.</summary>
[Collection(MeshNodes.Name)]
public sealed class KeepTests
{
    public static TheoryData<MeshFormat> Formats => MeshMeeting.Formats;

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_connection_of_CSharp_that_nobody_keeps_is_closed(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = (await meeting.AddSharpAsync(), await meeting.AddScriptAsync());

        await sharp.Node.ConnectAsync(script.Info, keep: false);

        await AssertClosedAsync(sharp, script);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_connection_of_JavaScript_that_nobody_keeps_is_closed(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = (await meeting.AddSharpAsync(), await meeting.AddScriptAsync());

        Assert.Equal("sharp", await script.ConnectAsync(sharp.Info));

        await AssertClosedAsync(sharp, script);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task One_that_keeps_is_enough(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = (await meeting.AddSharpAsync(), await meeting.AddScriptAsync());
        await script.KeepAsync("sharp");

        await sharp.Node.ConnectAsync(script.Info, keep: false);

        await AssertEchoAsync(sharp, script, 1);
        Assert.False(sharp.Node.IsKept("script"));
        Assert.True(await script.IsKeptAsync("sharp"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task JavaScript_closes_what_CSharp_does_not_want_to_keep_any_more(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.ConnectAsync();
        await AssertEchoAsync(sharp, script, 1);

        await sharp.Node.KeepAsync("script", false);

        await AssertClosedAsync(sharp, script);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task CSharp_closes_what_JavaScript_does_not_want_to_keep_any_more(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.AcceptAsync();
        await AssertEchoAsync(sharp, script, 1);

        await script.KeepAsync("sharp", false);

        await AssertClosedAsync(sharp, script);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Of_two_that_keep_the_first_may_give_up_and_the_second_closes(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = await meeting.AcceptAsync();
        await sharp.Node.KeepAsync("script");

        await script.KeepAsync("sharp", false);
        await AssertEchoAsync(sharp, script, 1);
        await script.KeepAsync("sharp");
        await AssertEchoAsync(sharp, script, 2);
        await sharp.Node.KeepAsync("script", false);
        await AssertEchoAsync(sharp, script, 3);
        await script.KeepAsync("sharp", false);

        await AssertClosedAsync(sharp, script);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_handler_of_Connected_may_still_decide_to_keep(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (sharp, script) = (await meeting.AddSharpAsync(), await meeting.AddScriptAsync());
        sharp.Node.Connected += (_, e) => sharp.Node.KeepAsync(e.Id);

        Assert.Equal("sharp", await script.ConnectAsync(sharp.Info));

        await AssertEchoAsync(sharp, script, 1);
        Assert.True(sharp.Node.IsKept("script"));
    }

    private static async Task AssertEchoAsync(MeshSharp sharp, MeshPeer script, int n)
    {
        Assert.True(await sharp.Node.SendAsync("script", new { n }));
        Assert.Equal($"sharp {{\"n\":{n}}}", (await script.MessagesAsync(n))[^1]);
        Assert.True(await script.SendAsync("sharp", new { n }));
        Assert.Equal($"script {{\"n\":{n}}}", await sharp.Messages.NextAsync());
    }

    private static async Task AssertClosedAsync(MeshSharp sharp, MeshPeer script)
    {
        Assert.Equal(("script", null), await sharp.Disconnected.NextAsync());
        await script.HappenedAsync("disconnect");
        Assert.Empty(sharp.Node.Connections);
        Assert.Empty(await script.ConnectionsAsync());
        Assert.False(sharp.Node.IsKept("script"));
        Assert.False(await sharp.Node.SendAsync("script", new { n = 0 }));
        await script.CallAsync("socketsAre", 0);
    }
}

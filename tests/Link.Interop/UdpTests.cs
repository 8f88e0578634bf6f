using Link.Abstractions;
using Link.Interop.Harness;

namespace Link.Interop;

/// <summary>The same requests and replies over UDP, where Node has servers only: it asks and answers from one port.</summary>
[Collection(SecondNode.Name)]
public sealed class UdpTests
{
    // What the receive buffer of a socket holds in any case: there is nothing that slows a sender down.
    private const int AtOnce = 100;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static TheoryData<Over> Datagrams => [Over.Udp4, Over.Udp6];

    [Theory]
    [MemberData(nameof(Datagrams))]
    public async Task Node_answers_a_request_of_ours(Over over)
    {
        await using var meeting = await Meeting.StartAsync(over: over);
        var node = await meeting.AddServingPeerAsync();

        var reply = await meeting.Server.SendAsync(Meeting.Node, new { content = "é漢😀\f" });

        Assert.Equal("é漢😀\f", (string?)reply["echo"]!["content"]);
        Assert.Equal(Meeting.Sharp, (string?)Assert.Single(await node.ReceivedAsync(1))["sentBy"]);
        Assert.Empty(await node.ErrorsAsync(0));
    }

    [Theory]
    [MemberData(nameof(Datagrams))]
    public async Task We_answer_a_request_of_Node(Over over)
    {
        await using var meeting = await Meeting.WithEchoingServerAsync(over: over);
        var node = await meeting.AddPeerAsync();

        var outcome = await node.SendAsync(Meeting.Sharp, new { content = "é漢😀\f" });

        Assert.True(outcome.IsResolved);
        Assert.Equal("é漢😀\f", (string?)outcome.Value["echo"]!["content"]);
    }

    [Theory]
    [MemberData(nameof(Datagrams))]
    public async Task Requests_in_both_directions_at_once_each_get_their_own_answer(Over over)
    {
        await using var meeting = await Meeting.WithEchoingServerAsync(over: over);
        var node = await meeting.AddServingPeerAsync();

        var theirs = node.SendManyAsync(Meeting.Sharp, AtOnce);
        var ours = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(n => meeting.Server.SendAsync(Meeting.Node, new { n }))).WaitAsync(Deadline);

        Assert.All(ours.Select((reply, n) => (reply, n)), answer => Assert.Equal(answer.n, (int?)answer.reply["echo"]!["n"]));
        var told = await theirs;
        Assert.True(AtOnce == (int?)told["right"], $"Right: {told["right"]}; the first wrong one: {told["firstWrong"]}");
    }

    [Theory]
    [MemberData(nameof(Datagrams))]
    public async Task What_fits_a_datagram_goes_through_and_what_does_not_fails_unsent(Over over)
    {
        await using var meeting = await Meeting.WithEchoingServerAsync(over: over);
        var node = await meeting.AddServingPeerAsync();
        var text = new string('x', 60_000);

        Assert.Equal(text, (string?)(await meeting.Server.SendAsync(Meeting.Node, new { text }))["echo"]!["text"]);
        Assert.Equal(text, (string?)(await node.SendAsync(Meeting.Sharp, new { text })).Value["echo"]!["text"]);
        var tooLarge = await Assert.ThrowsAsync<LinkException>(() => meeting.Server.SendAsync(Meeting.Node, new { text = text + new string('x', 6000) }));

        Assert.Equal(LinkError.TooLarge, tooLarge.Error);
        Assert.Equal(RequestFate.NotSent, tooLarge.Fate);
        Assert.Equal(1, (int?)(await meeting.Server.SendAsync(Meeting.Node, new { n = 1 }))["echo"]!["n"]);
    }

    [Theory]
    [MemberData(nameof(Datagrams))]
    public async Task That_Node_has_died_is_known_with_the_next_request_and_once_back_it_answers(Over over)
    {
        await using var meeting = await Meeting.StartAsync(over: over);
        var node = await meeting.AddServingPeerAsync(rule: new { kind = "hold" });
        var pending = meeting.Server.SendAsync(Meeting.Node, new { n = 1 });
        await node.ReceivedAsync(1);

        await meeting.Process.KillAsync();
        var next = meeting.Server.SendAsync(Meeting.Node, new { n = 2 });

        Assert.Equal(LinkError.ConnectionLost, (await Assert.ThrowsAsync<LinkException>(() => pending.WaitAsync(Deadline))).Error);
        Assert.Equal(LinkError.ConnectionLost, (await Assert.ThrowsAsync<LinkException>(() => next.WaitAsync(Deadline))).Error);
        var missing = await Assert.ThrowsAsync<LinkException>(() => meeting.Server.SendAsync(Meeting.Node, new { n = 3 }));
        Assert.Equal(LinkError.NoSuchPeer, missing.Error);

        await meeting.ReplaceNodeAsync();
        await meeting.AddServingPeerAsync();
        Assert.Equal("back", (string?)(await meeting.Server.SendAsync(Meeting.Node, new { are = "back" }))["echo"]!["are"]);
    }

    [Fact]
    public async Task The_old_version_answers_our_requests_too()
    {
        await using var meeting = await Meeting.StartAsync(over: Over.Udp4);
        var node = await meeting.AddServingPeerAsync(version: NodeModules.OldVersion);

        Assert.Equal(1, (int?)(await meeting.Server.SendAsync(Meeting.Node, new { n = 1 }))["echo"]!["n"]);

        Assert.Single(await node.ReceivedAsync(1));
        Assert.Empty(await node.ErrorsAsync(0));
    }
}

using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>Replies that nobody waits for, or not here.</summary>
public sealed class ReplyTests
{
    [Fact]
    public async Task An_unknown_reply_is_ignored_and_counted()
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        await scene.Stranger.SendAsync(Frames.Reply("\"unknown\"") + Frames.Message("{\"success\":true}") + Frames.Message("{}"));
        await scene.AssertStrangerIsServedAsync(Side.Dialled);
        Assert.Equal(3, scene.Server.Statistics.UnknownReplies);
        Assert.Equal(0, scene.Server.Statistics.TransportFaults);
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task A_reply_whose_id_has_another_type_is_unknown()
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        var promise = scene.Server.SendAsync("stranger", new { id = 42 });
        await scene.Stranger.ReadFrameAsync();
        await scene.Stranger.SendAsync(Frames.Reply("\"42\"") + Frames.Reply("42"));
        Assert.Equal("42", (await Within.Deadline(promise)).Id);
        Assert.Equal(1, scene.Server.Statistics.UnknownReplies);
    }

    [Fact]
    public async Task A_late_reply_is_ignored_and_counted()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await Scene.SetAsync(Side.Dialled, options => options with
        {
            TimeProvider = clock,
            RequestTimeout = Timeout.InfiniteTimeSpan,
        });
        var promise = scene.Server.SendAsync("stranger", new { }, new SendOptions { Timeout = TimeSpan.FromSeconds(5) });
        var id = (await scene.Stranger.ReadMessageAsync())["id"]!.ToJsonString();
        clock.Advance(TimeSpan.FromSeconds(5));
        var exception = await Assert.ThrowsAsync<LinkException>(() => promise);
        Assert.Equal((LinkError.Timeout, RequestFate.Unknown), (exception.Error, exception.Fate));

        await scene.Stranger.SendAsync(Frames.Reply(id));
        await scene.AssertStrangerIsServedAsync(Side.Dialled);
        Assert.Equal(1, scene.Server.Statistics.UnknownReplies);
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task Of_a_repeated_reply_the_first_wins()
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        var promise = scene.Server.SendAsync("stranger", new { });
        var id = (await scene.Stranger.ReadMessageAsync())["id"]!.ToJsonString();
        await scene.Stranger.SendAsync(Frames.Reply(id, ",\"a\":1") + Frames.Reply(id, ",\"a\":2") + Frames.Reply(id, ",\"a\":3"));
        Assert.Equal(1, (int?)(await Within.Deadline(promise))["a"]);
        await scene.AssertStrangerIsServedAsync(Side.Dialled);
        Assert.Equal(2, scene.Server.Statistics.UnknownReplies);
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task A_forged_reply_with_the_right_id_on_another_dialled_connection_is_ignored_and_counted()
    {
        await using var bench = new Bench();
        var server = await bench.StartEchoAsync("server");
        using var asked = await bench.DialledByAsync(server, "asked");
        using var forger = await bench.DialledByAsync(server, "forger");
        var promise = server.SendAsync("asked", new { });
        var id = (await asked.ReadMessageAsync())["id"]!.ToJsonString();

        await forger.SendAsync(Frames.Reply(id, ",\"forged\":true"));
        await Within.Until(() => server.Statistics.UnknownReplies == 1);
        Assert.False(promise.IsCompleted);
        await asked.SendAsync(Frames.Reply(id, ",\"forged\":false"));
        Assert.False((bool?)(await Within.Deadline(promise))["forged"]);
    }

    [Fact]
    public async Task A_forged_reply_with_the_right_id_on_an_accepted_connection_is_a_request()
    {
        await using var bench = new Bench();
        var server = await bench.StartEchoAsync("server");
        using var asked = await bench.DialledByAsync(server, "asked");
        using var forger = await bench.DialAsync("server");
        var promise = server.SendAsync("asked", new { });
        var id = (await asked.ReadMessageAsync())["id"]!.ToJsonString();

        await forger.SendAsync(Frames.Reply(id, ",\"forged\":true"));
        Assert.Equal(id, (await forger.ReadMessageAsync())["id"]!.ToJsonString());
        Assert.False(promise.IsCompleted);
        await asked.SendAsync(Frames.Reply(id));
        Assert.Null((await Within.Deadline(promise))["forged"]);
    }

    [Fact]
    public async Task A_request_on_a_dialled_connection_is_an_unknown_reply()
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        await scene.Stranger.SendAsync(Frames.Request("\"backwards\"", "{}"));
        await scene.AssertStrangerIsServedAsync(Side.Dialled);
        Assert.Equal(1, scene.Server.Statistics.UnknownReplies);
        Assert.DoesNotContain("backwards", scene.Handled);
    }

    [Fact]
    public async Task A_duplicate_own_id_is_refused_while_the_first_is_pending()
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        var first = scene.Server.SendAsync("stranger", new { id = "own" });
        await scene.Stranger.ReadFrameAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => scene.Server.SendAsync("stranger", new { id = "own" }));
        await Assert.ThrowsAsync<ArgumentException>(() => scene.Server.SendAsync("stranger", new { }, new SendOptions { Id = "own" }));
        Assert.False(first.IsCompleted);

        await scene.Stranger.SendAsync(Frames.Reply("\"own\""));
        Assert.Equal("own", (await Within.Deadline(first)).Id);
        var again = scene.Server.SendAsync("stranger", new { id = "own" });
        await scene.Stranger.AnswerAsync();
        await Within.Deadline(again);
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task The_same_own_id_may_be_pending_with_two_peers()
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        var first = scene.Server.SendAsync("stranger", new { id = "own" });
        var second = scene.Server.SendAsync("friend", new { id = "own" });
        await scene.Stranger.AnswerAsync(",\"from\":\"stranger\"");
        Assert.Equal("stranger", (string?)(await Within.Deadline(first))["from"]);
        Assert.False(second.IsCompleted);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"true\"")]
    [InlineData("{}")]
    public async Task A_reply_whose_success_is_not_true_rejects(string success)
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        var promise = scene.Server.SendAsync("stranger", new { });
        var id = (await scene.Stranger.ReadMessageAsync())["id"]!.ToJsonString();
        await scene.Stranger.SendAsync(Frames.Message($"{{\"success\":{success},\"id\":{id},\"why\":7}}"));
        Assert.Equal(7, (int?)(await Assert.ThrowsAsync<RejectedException>(() => promise)).Reply["why"]);
    }
}

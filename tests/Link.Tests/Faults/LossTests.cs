using Link.Abstractions;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>Connections that end while something is pending, and the calls that follow.</summary>
public sealed class LossTests
{
    [Fact]
    public async Task A_lost_connection_fails_what_is_pending_and_the_next_send_dials_again()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        using var listener = bench.Listen("peer");
        for (var round = 0; round < 200; round++)
        {
            var lost = server.SendAsync("peer", new { });
            using (var peer = await listener.AcceptAsync())
            {
                await peer.ReadFrameAsync();
            }

            // The same moment the loss is known, another call must find its way to a new connection.
            var next = SendAfterAsync(lost);
            using var again = await listener.AcceptAsync();
            await again.AnswerAsync();
            await Within.Deadline(next);
            await Within.Deadline(server.DisconnectAsync("peer"));
        }

        async Task SendAfterAsync(Task promise)
        {
            var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(promise));
            Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (exception.Error, exception.Fate));
            await server.SendAsync("peer", new { });
        }
    }

    [Fact]
    public async Task Nothing_is_sent_again_by_itself()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        using var listener = bench.Listen("peer");
        var lost = server.SendAsync("peer", new { a = 1 });
        using (var peer = await listener.AcceptAsync())
        {
            await peer.ReadFrameAsync();
        }

        await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(lost));
        var next = server.SendAsync("peer", new { a = 2 });
        using var again = await listener.AcceptAsync();
        Assert.Equal(2, (int?)(await again.ReadMessageAsync())["data"]!["a"]);
    }

    [Fact]
    public async Task Disconnecting_fails_what_is_pending_on_that_connection_only()
    {
        await using var scene = await Scene.SetAsync(Side.Dialled);
        var promise = scene.Server.SendAsync("stranger", new { });
        await scene.Stranger.ReadFrameAsync();
        Assert.True(await Within.Deadline(scene.Server.DisconnectAsync("stranger")));
        var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(promise));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.Unknown), (exception.Error, exception.Fate));
        Assert.False(scene.Server.HasPeer("stranger"));
        Assert.False(await Within.Deadline(scene.Server.DisconnectAsync("stranger")));
        await scene.AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task A_missing_peer_fails_at_once_and_nothing_was_sent()
    {
        await using var bench = new Bench();
        var server = bench.Create("server");
        var exception = await Assert.ThrowsAsync<LinkException>(() => server.SendAsync("missing", new { }));
        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (exception.Error, exception.Fate));
    }

}

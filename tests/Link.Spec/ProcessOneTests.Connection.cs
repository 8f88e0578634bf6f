using Link.Abstractions;
using Link.Spec.Support;

namespace Link.Spec;

/// <summary>SPEC.md, Process One 8-10: the connection.</summary>
public sealed partial class ProcessOneTests
{
    [Fact, Step("One.8")]
    public async Task HasPeer_tells_whether_the_peer_is_connected()
    {
        await StartAsync("test-two", Memory, Echo);
        var sender = Make("test-one", Memory);

        Assert.False(sender.HasPeer("test-two"));
        await sender.ConnectToAsync("test-two").Soon();
        Assert.True(sender.HasPeer("test-two"));
    }

    [Fact, Step("One.8")]
    public async Task HasPeer_is_false_after_the_connection_is_lost()
    {
        var listener = Listen("test-two");
        var sender = Make("test-one", Wire);
        var lost = Deadline.Signal();
        sender.PeerDisconnected += (_, _) => lost.SetResult();
        await sender.ConnectToAsync("test-two").Soon();
        (await listener.AcceptAsync()).Dispose();

        await lost.Task.Soon();

        Assert.False(sender.HasPeer("test-two"));
    }

    [Fact, Step("One.9")]
    public async Task A_connected_peer_is_not_dialled_again()
    {
        var (sender, peer, first, sent) = await AskAsync(new { n = 1 });
        await peer.SendAsync($"{{\"success\":true,\"id\":\"{first["id"]}\"}}");
        await sent.Soon();

        var next = sender.SendAsync("test-two", new { n = 2 });
        var second = await peer.ReceiveAsync();
        await peer.SendAsync($"{{\"success\":true,\"id\":\"{second["id"]}\"}}");

        Assert.Equal(2, (int?)second["data"]!["n"]);
        Assert.True((await next.Soon()).Success);
    }

    [Fact, Step("One.9.1")]
    public async Task A_peer_without_connection_is_dialled_first()
    {
        var receiver = await StartAsync("test-two", Wire, Echo);
        var sender = Make("test-one", Wire);
        Assert.False(sender.HasPeer(receiver.Name));

        await sender.SendAsync("test-two", new { n = 1 }).Soon();

        Assert.True(sender.HasPeer("test-two"));
    }

    [Fact, Step("One.9.1")]
    public async Task Concurrent_first_sends_share_one_connection()
    {
        var listener = Listen("test-two");
        var sender = Make("test-one", Wire);
        var sent = Enumerable.Range(0, 20).Select(n => sender.SendAsync("test-two", new { n })).ToList();

        var peer = await listener.AcceptAsync();
        for (var n = 0; n < sent.Count; n++)
        {
            await peer.SendAsync($"{{\"success\":true,\"id\":\"{(await peer.ReceiveAsync())["id"]}\"}}");
        }

        await Task.WhenAll(sent).Soon();
        Assert.Single(sender.Peers);
    }

    [Fact, Step("One.9.1")]
    public async Task A_missing_peer_fails_the_send()
    {
        var failure = await Assert.ThrowsAsync<LinkException>(() => Make("test-one", Wire).SendAsync("test-two", new { n = 1 }).Soon());

        Assert.Equal(LinkError.NoSuchPeer, failure.Error);
        Assert.Equal(RequestFate.NotSent, failure.Fate);
        Assert.Contains("test-two", failure.Message, StringComparison.Ordinal);
    }

    [Fact, Step("One.9.1")]
    public async Task WaitForPeer_dials_until_the_peer_appears()
    {
        var sender = Make("test-one", Wire with { WaitForPeer = TimeSpan.FromSeconds(30), Retry = TimeSpan.FromMilliseconds(5) });
        var sent = sender.SendAsync("test-two", new { n = 1 });

        await StartAsync("test-two", Wire, Echo);

        Assert.True((await sent.Soon()).Success);
    }

    [Fact, Step("One.10")]
    public async Task The_connection_is_found_by_the_name_of_the_peer()
    {
        await StartAsync("test-two", Wire, Echo);
        var sender = Make("test-one", Wire);

        var peer = await sender.ConnectToAsync("test-two").Soon();

        Assert.Equal("test-two", peer.Name);
        Assert.Equal("unix:" + PathOf("test-two"), peer.Endpoint);
        Assert.True(peer.IsDialled);
    }

    [Fact, Step("One.10.1")]
    public async Task Peers_shows_every_connection()
    {
        await StartAsync("alpha", Memory, Echo);
        await StartAsync("beta", Memory, Echo);
        var sender = Make("test-one", Memory);
        Assert.Empty(sender.Peers);

        await sender.ConnectToAsync("alpha").Soon();
        await sender.ConnectToAsync("beta").Soon();

        Assert.Equal(["alpha", "beta"], sender.Peers.Select(peer => peer.Name).Order());
    }

    [Fact, Step("One.10.2")]
    public async Task Each_request_goes_to_the_peer_it_names()
    {
        await StartAsync("alpha", Memory, message => message.ReplyAsync(new { by = "alpha" }));
        await StartAsync("beta", Memory, message => message.ReplyAsync(new { by = "beta" }));
        var sender = Make("test-one", Memory);

        foreach (var name in new[] { "alpha", "beta", "alpha" })
        {
            Assert.Equal(name, (string?)(await sender.SendAsync(name, new { n = 1 }).Soon())["by"]);
        }
    }

    [Fact, Step("One.10.3")]
    public async Task A_name_without_connection_gives_none()
    {
        var sender = Make("test-one", Memory);

        Assert.False(sender.HasPeer("nobody"));
        Assert.False(await sender.DisconnectAsync("nobody").Soon());
    }

    [Fact, Step("One.10.3.1")]
    public async Task A_name_with_a_connection_gives_that_one()
    {
        await StartAsync("test-two", Memory, Echo);
        var sender = Make("test-one", Memory);

        var first = await sender.ConnectToAsync("test-two").Soon();
        var second = await sender.ConnectToAsync("test-two").Soon();

        Assert.Same(first, second);
        Assert.True(await sender.DisconnectAsync("test-two").Soon());
        Assert.False(sender.HasPeer("test-two"));
    }
}

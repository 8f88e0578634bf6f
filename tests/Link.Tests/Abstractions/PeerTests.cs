using Link.Abstractions;

namespace Link.Tests.Abstractions;

/// <summary>How a peer is called in texts for people.</summary>
public sealed class PeerTests
{
    [Fact]
    public void A_peer_is_shown_with_its_name_and_its_endpoint() =>
        Assert.Equal("two (tcp://127.0.0.1:1)", new Peer { Name = "two", Endpoint = "tcp://127.0.0.1:1" }.ToString());

    [Fact]
    public void A_peer_that_was_dialled_by_its_endpoint_is_shown_with_that_alone() =>
        Assert.Equal("tcp://127.0.0.1:1", new Peer { Name = "tcp://127.0.0.1:1", Endpoint = "tcp://127.0.0.1:1" }.ToString());
}

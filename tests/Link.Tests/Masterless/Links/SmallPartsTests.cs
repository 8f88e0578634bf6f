using System.Net;
using Link.Masterless;
using Link.Streams.Endpoints;
using Link.Testing;

namespace Link.Tests.Masterless.Links;

/// <summary>Addresses, turns and memory: the parts of a mesh that stand alone.</summary>
public sealed class SmallPartsTests
{
    private static readonly Endpoint Here = Endpoint.Parse("tcp://127.0.0.1:4000");

    [Theory]
    [InlineData("tcp://127.0.0.1:18302", "tcp://127.0.0.1:18302")]
    [InlineData("tcp://node.example:1", "tcp://node.example:1")]
    [InlineData("tcp://[::1]:65535", "tcp://[::1]:65535")]
    [InlineData("what://127.0.0.1:5", "tcp://127.0.0.1:5")]
    [InlineData("http://127.0.0.1:80", "tcp://127.0.0.1:80")]
    [InlineData("tcp://127.0.0.1:5/path?query", "tcp://127.0.0.1:5")]
    [InlineData("tcp://user@127.0.0.1:5", "tcp://127.0.0.1:5")]
    [InlineData("tcp://[::]:18302", "tcp://10.1.2.3:18302")]
    [InlineData("tcp://0.0.0.0:18302", "tcp://10.1.2.3:18302")]
    [InlineData("tcp://127.0.0.1", null)]
    [InlineData("http://127.0.0.1", null)]
    [InlineData("tcp://127.0.0.1:0", null)]
    [InlineData("tcp://127.0.0.1:65536", null)]
    [InlineData("tcp://127.0.0.1:x", null)]
    [InlineData("tcp://:5", null)]
    [InlineData("127.0.0.1:5", null)]
    [InlineData("no uri", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void An_announced_address_is_one_with_a_port(string? text, string? expected) =>
        Assert.Equal(expected, NodeAddress.Announced(text, EndpointKind.Tcp, "tcp://10.1.2.3:99")?.ToString());

    [Fact]
    public void An_announced_address_is_of_the_kind_that_this_node_speaks() =>
        Assert.Equal("tls://127.0.0.1:5", NodeAddress.Announced("tcp://127.0.0.1:5", EndpointKind.Tls, "tls://10.1.2.3:99")?.ToString());

    [Theory]
    [InlineData("unix:/tmp/a")]
    [InlineData("tcp://127.0.0.1:0")]
    [InlineData("tcp://127.0.0.1")]
    [InlineData("tls://127.0.0.1:5")]
    [InlineData("udp4://127.0.0.1:5")]
    [InlineData("tcp://127.0.0.1:65536")]
    [InlineData("tcp://::1:5")]
    [InlineData("tcp://127.0.0.1:5//")]
    [InlineData("tcp://")]
    [InlineData("nonsense")]
    [InlineData("")]
    public void A_user_is_told_what_is_wrong_with_an_address(string text)
    {
        var wrong = Assert.Throws<ArgumentException>("address", () => NodeAddress.Parse(text, EndpointKind.Tcp)).Message;

        Assert.Contains($"'{text}'", wrong, StringComparison.Ordinal);
        Assert.Matches("needs TLS|tcp://host:port or tls://host:port, with a port of 1 to 65535", wrong);
        Assert.DoesNotContain("pipe:", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slash_behind_an_address_means_nothing() =>
        Assert.Equal("tcp://127.0.0.1:5", NodeAddress.Parse("tcp://127.0.0.1:5/", EndpointKind.Tcp).ToString());

    [Theory]
    [InlineData("127.0.0.1", "10.1.2.3", null, null, "tcp://127.0.0.1:4000")]
    [InlineData("0.0.0.0", "10.1.2.3", null, null, "tcp://10.1.2.3:4000")]
    [InlineData("::", "::ffff:10.1.2.3", null, null, "tcp://10.1.2.3:4000")]
    [InlineData("::", "fe80::1%3", null, null, "tcp://[fe80::1]:4000")]
    [InlineData("0.0.0.0", "10.1.2.3", "node.example", null, "tcp://node.example:4000")]
    [InlineData("0.0.0.0", "10.1.2.3", "node.example", 99, "tcp://node.example:99")]
    public void A_node_announces_where_the_peer_can_reach_it(string listening, string local, string? host, int? port, string expected)
    {
        var options = new MeshOptions { AnnouncedHost = host, AnnouncedPort = port };
        var announced = AnnouncedAddress.Of(Endpoint.Network(EndpointKind.Tcp, listening, 4000), new IPEndPoint(IPAddress.Parse(local), 5), options);
        Assert.Equal(expected, announced.ToString());
        Assert.Equal(announced, Endpoint.Parse(announced.ToString()));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void Without_a_connection_an_address_of_this_machine_stands_in_for_all(string any)
    {
        var announced = AnnouncedAddress.Of(Endpoint.Network(EndpointKind.Tcp, any, 4000), null, new MeshOptions());
        Assert.False(NodeAddress.IsAny(announced.Address));
        Assert.Equal(4000, announced.Port);
    }

    [Fact]
    public void A_node_that_does_not_listen_announces_its_end_of_the_connection() =>
        Assert.Equal("tcp://10.1.2.3:5", AnnouncedAddress.Of(null, new IPEndPoint(IPAddress.Parse("10.1.2.3"), 5), new MeshOptions()).ToString());

    [Fact]
    public async Task One_at_a_time_has_its_turn_at_the_same_place()
    {
        var gate = new DialGate<string>();
        var first = await gate.EnterAsync("a", CancellationToken.None);
        using var elsewhere = await Within.Deadline(gate.EnterAsync("b", CancellationToken.None));
        var second = gate.EnterAsync("a", CancellationToken.None);
        Assert.False(second.IsCompleted);

        first.Dispose();

        (await Within.Deadline(second)).Dispose();
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_is_not_in_the_way_of_others()
    {
        var gate = new DialGate<string>();
        var first = await gate.EnterAsync("a", CancellationToken.None);
        using var tired = new CancellationTokenSource();
        var second = gate.EnterAsync("a", tired.Token);
        var third = gate.EnterAsync("a", CancellationToken.None);

        await tired.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.AsTask());
        first.Dispose();
        (await Within.Deadline(third)).Dispose();
        (await Within.Deadline(gate.EnterAsync("a", CancellationToken.None))).Dispose();
    }

    [Fact]
    public void What_was_closed_is_remembered_for_a_while()
    {
        var time = new FakeTimeProvider();
        var recent = new RecentlyClosed(TimeSpan.FromSeconds(5), time);
        recent.Add(Here);

        time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(recent.Contains(Endpoint.Parse(Here.ToString())));
        Assert.False(recent.Contains(Here.WithPort(4001)));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(recent.Contains(Here));
    }

    [Fact]
    public void No_more_than_some_thousands_are_remembered_and_old_ones_make_room()
    {
        var time = new FakeTimeProvider();
        var recent = new RecentlyClosed(TimeSpan.FromSeconds(5), time);
        for (var port = 1; port <= 5000; port++)
        {
            recent.Add(Here.WithPort(port));
        }

        Assert.True(recent.Contains(Here.WithPort(4096)));
        Assert.False(recent.Contains(Here.WithPort(4097)));
        time.Advance(TimeSpan.FromSeconds(6));
        recent.Add(Here.WithPort(4097));
        Assert.True(recent.Contains(Here.WithPort(4097)));
    }

    [Theory]
    [InlineData("one", "one")]
    [InlineData("e4663c9c3f9a89112afc48389a951e09", "e4663c9c3f9a89112afc48389a951e09")]
    [InlineData("e4663c9c-3f9a-8911-2afc-48389a951e09", "e4663c9c-3f9a-8911-2afc-48389a951e09")]
    [InlineData("~e4663c9c-3f9a-8911-2afc-48389a951e09", "~e4663c9c-3f9a-8911-2afc-48389a951e09")]
    [InlineData("~e4663c9c3f9a89112afc48389a951e0", "~e4663c9c3f9a89112afc48389a951e0")]
    [InlineData("~e4663c9c3f9a89112afc48389a951e0g", "~e4663c9c3f9a89112afc48389a951e0g")]
    [InlineData("~e4663c9c3f9a89112afc48389a951e09", null)]
    public void A_tilde_and_32_hex_digits_are_the_name_of_nobody(string id, string? name) => Assert.Equal(name, NodeName.Of(id));

    [Fact]
    public void A_node_without_a_name_gets_an_id_that_is_no_name() => Assert.Null(NodeName.Of(NodeName.NewNobody()));
}

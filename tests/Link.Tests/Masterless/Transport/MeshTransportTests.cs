using Link.Abstractions;
using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Transport;

/// <summary>Names, addresses and the life of a transport over a mesh.</summary>
public sealed class MeshTransportTests : MeshScene
{
    [Fact]
    public async Task It_listens_on_the_port_of_the_options_or_where_Peers_say_or_on_a_free_one()
    {
        var port = FreePorts.Next();

        Assert.Equal($"tcp://127.0.0.1:{port}", (await BindAsync("one", Quiet with { Port = port })).Info);
        Assert.Equal(Table["two"], (await BindAsync("two")).Info);
        Assert.StartsWith("tcp://127.0.0.1:", (await BindAsync("no-address")).Info, StringComparison.Ordinal);
        Assert.Null(Create().Info);
    }

    [Fact]
    public async Task What_has_no_address_is_told_how_to_get_one()
    {
        var failure = await FailsAsync(LinkError.NoSuchPeer, async () => await Create().ConnectAsync("no-address"));

        Assert.Equal(RequestFate.NotSent, failure.Fate);
        Assert.Contains("no-address", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Peers", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tcp://127.0.0.1")]
    [InlineData("tcp://127.0.0.1:0")]
    [InlineData("tls://127.0.0.1:1")]
    [InlineData("udp4://127.0.0.1:1")]
    public async Task What_is_no_address_of_a_node_is_an_error_of_the_caller(string address) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Within.Deadline(Create().ConnectAsync(address)));

    [Fact]
    public void Options_are_checked_when_a_transport_is_made()
    {
        Assert.ThrowsAny<ArgumentException>(() => new MeshTransport(new MeshOptions { Host = "" }));
        var wrong = Assert.ThrowsAny<ArgumentException>(() => new MeshTransport(new MeshOptions { Peers = new Dictionary<string, string> { ["two"] = "nowhere" } }));
        Assert.Contains("for two: 'nowhere'", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_does_not_listen_beyond_loopback_without_TLS_unless_told_so()
    {
        await FailsAsync(LinkError.Untrusted, async () => await Create(new MeshOptions { Host = "0.0.0.0" }).BindAsync("one"));

        Assert.NotNull((await BindAsync("two", new MeshOptions { Host = "0.0.0.0", AllowInsecureNetwork = true })).Info);
    }

    [Fact]
    public async Task Whoever_dials_gets_the_connection_that_the_other_has_opened()
    {
        var one = await BindAsync("one");
        var two = await BindAsync("two");
        var dialled = await Within.Deadline(one.ConnectAsync("two"));
        var accepted = await AcceptAsync(two);

        Assert.Same(accepted, await Within.Deadline(two.ConnectAsync("one")));
        Assert.Same(dialled, await Within.Deadline(one.ConnectAsync("two")));
        Assert.Same(dialled, await Within.Deadline(one.ConnectAsync(Table["two"])));
        Assert.Same(dialled, await Within.Deadline(one.ConnectAsync(Table["two"].Replace("127.0.0.1", "localhost", StringComparison.Ordinal))));
        Assert.Same(accepted, await Within.Deadline(two.ConnectAsync(Table["one"].Replace("127.0.0.1", "localhost", StringComparison.Ordinal))));
        Assert.Equal("one", accepted.Peer.Name);
        Assert.Equal("two", dialled.Peer.Name);
    }

    [Fact]
    public async Task A_transport_that_takes_a_name_keeps_its_connections_and_makes_new_ones_under_it()
    {
        var two = await BindAsync("two");
        var one = Create();
        var first = await Within.Deadline(one.ConnectAsync("two"));
        var unnamed = await AcceptAsync(two);
        await Within.Deadline(one.BindAsync("one"));

        Assert.Same(first, await Within.Deadline(one.ConnectAsync("two")));
        var back = await Within.Deadline(two.ConnectAsync("one"));

        Assert.NotSame(unnamed, back);
        Assert.Null(unnamed.Peer.Name);
        Assert.Equal("one", back.Peer.Name);
        Assert.Same(first, await AcceptAsync(one));
        Assert.Equal("two", (await AcceptAsync(one)).Peer.Name);
    }

    [Fact]
    public async Task Its_disposal_leaves_what_it_has_yielded_to_its_owner_and_heartbeats_go_on()
    {
        var beats = Quiet with { HeartbeatInterval = TimeSpan.FromMilliseconds(20) };
        var transport = await BindAsync("server", beats);
        using var plain = await JoinAsync("server", "plain");
        var connection = await AcceptAsync(transport);

        await Within.Deadline(transport.DisposeAsync());

        for (var count = 0; count < 3; count++)
        {
            Assert.Equal("true", await plain.ReadLineAsync());
        }

        await Within.Deadline(connection.DisposeAsync());
        while (await plain.ReadLineAsync() is { } line)
        {
            Assert.Equal("true", line);
        }
    }

    [Fact]
    public async Task A_connection_with_itself_is_one_as_long_as_it_lives()
    {
        var transport = await BindAsync("one");
        var first = await Within.Deadline(transport.ConnectAsync("one"));
        Assert.Same(first, await Within.Deadline(transport.ConnectAsync("one")));
        await Within.Deadline(first.DisposeAsync());

        var second = await Within.Deadline(transport.ConnectAsync("one"));

        Assert.NotSame(first, second);
        Assert.Null(await Within.Deadline((await AcceptAsync(transport)).ReadAsync()));
        Assert.Null(await Within.Deadline((await AcceptAsync(transport)).ReadAsync()));
        Assert.Same(second, await AcceptAsync(transport));
    }

    [Fact]
    public async Task Its_own_address_leads_to_itself_however_it_is_written()
    {
        var transport = await BindAsync("one");
        var first = await Within.Deadline(transport.ConnectAsync("one"));

        Assert.Same(first, await Within.Deadline(transport.ConnectAsync(Table["one"])));
        Assert.Same(first, await Within.Deadline(transport.ConnectAsync(Table["one"].Replace("127.0.0.1", "localhost", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Another_name_at_its_own_address_is_nobody()
    {
        var address = $"tcp://127.0.0.1:{FreePorts.Next()}";
        var transport = await BindAsync("one", Quiet with { Peers = new Dictionary<string, string> { ["one"] = address, ["two"] = address } });

        var failure = await FailsAsync(LinkError.NoSuchPeer, async () => await transport.ConnectAsync("two"));

        Assert.Equal($"{address} is this node itself.", failure.Message);
    }

    [Fact]
    public async Task Connections_with_itself_that_nobody_takes_are_bounded()
    {
        var transport = await BindAsync("one", Quiet with { MaxConnections = 3 });
        for (var count = 0; count < 3; count++)
        {
            await Within.Deadline((await Within.Deadline(transport.ConnectAsync("one"))).DisposeAsync());
        }

        await FailsAsync(LinkError.Overloaded, async () => await transport.ConnectAsync("one"));
    }

    [Fact]
    public async Task A_connection_with_itself_has_the_bounds_of_any_other()
    {
        var limits = new Link.Streams.StreamLimits { MaxFrameBytes = 100_000, OutboundBacklogBytes = 100_000 };
        var transport = await BindAsync("one", Quiet with { Limits = limits });
        var dialled = await Within.Deadline(transport.ConnectAsync("one"));
        await AcceptAsync(transport);
        var accepted = await AcceptAsync(transport);
        var large = Large(99_000);

        await FailsAsync(LinkError.TooLarge, async () => await dialled.WriteAsync(Large(100_000)));
        var count = 0;
        await FailsAsync(LinkError.Overloaded, async () =>
        {
            for (; count < 10; count++)
            {
                await dialled.WriteAsync(large);
            }
        });

        for (var number = 0; number < count; number++)
        {
            Assert.Equal(large.Payload.Utf8.Length, (await Within.Deadline(accepted.ReadAsync()))?.Payload.Utf8.Length);
        }

        static Envelope Large(int length) =>
            new() { Kind = EnvelopeKind.Request, Payload = Payload.FromJson($"\"{new string('x', length)}\"") };
    }

    [Fact]
    public async Task What_a_mesh_does_not_carry_is_refused()
    {
        var transport = await BindAsync("one");
        var connection = await Within.Deadline(transport.ConnectAsync("one"));

        await Assert.ThrowsAsync<ArgumentException>(async () => await connection.WriteAsync(new Envelope { Kind = EnvelopeKind.Event, Payload = Payload.FromJson("{}") }));
        await Assert.ThrowsAsync<ArgumentException>(async () => await connection.WriteAsync(new Envelope { Kind = EnvelopeKind.Reply, Success = true }));
    }
}

using Link.Abstractions;
using Link.Masterless;
using Link.Streams.Endpoints;
using Link.Streams.Tls;
using Link.Testing;

namespace Link.Tests.Masterless.Links;

/// <summary>Nodes that connect over real sockets, in both formats.</summary>
public sealed class MeshConnectTests
{
    [Theory]
    [InlineData(MeshFormat.Json)]
    [InlineData(MeshFormat.MessagePack)]
    public async Task Two_nodes_connect_and_packets_flow_both_ways(MeshFormat format)
    {
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { Format = format });
        await using var two = await TestMesh.StartAsync("two", new MeshOptions { Format = format });

        var there = await one.ConnectAsync(two);
        var here = await two.ConnectedAsync();
        TestMesh.Send(there, """{"from":"one"}""");
        TestMesh.Send(here, """{"from":"two","null":null}""");

        Assert.Equal(("two", "one"), (there.Id, here.Id));
        Assert.Equal((two.Mesh.Info, one.Mesh.Info), (there.Address.ToString(), here.Address.ToString()));
        Assert.Equal("""{"from":"one"}""", await two.PacketAsync());
        Assert.Equal("""{"from":"two","null":null}""", await one.PacketAsync());
        Assert.Same(there, one.Mesh.Nodes.Find("two"));
    }

    [Fact]
    public async Task A_second_dial_gives_the_connection_there_is_whoever_opened_it()
    {
        await using var one = await TestMesh.StartAsync("one");
        await using var two = await TestMesh.StartAsync("two");
        var there = await one.ConnectAsync(two);
        var here = await two.ConnectedAsync();

        Assert.Same(there, await one.ConnectAsync(two));
        Assert.Same(there, await one.ConnectAsync(two, "two"));
        Assert.Same(here, await two.ConnectAsync(one));
        Assert.Same(here, await two.ConnectAsync(one, "one"));
        Assert.Equal((1, 1), (one.Open, two.Open));
    }

    [Theory]
    [InlineData(MeshFormat.Json, false)]
    [InlineData(MeshFormat.Json, true)]
    [InlineData(MeshFormat.MessagePack, false)]
    public async Task A_thousand_simultaneous_connects_leave_one_connection_each(MeshFormat format, bool samePriority)
    {
        var options = new MeshOptions { Format = format };
        options = samePriority ? options with { NewPriority = () => 0.5 } : options;
        await using var one = await TestMesh.StartAsync("one", options);
        await using var two = await TestMesh.StartAsync("two", options);
        for (var round = 0; round < 1000; round++)
        {
            var dials = await Task.WhenAll(Task.Run(() => one.ConnectAsync(two)), Task.Run(() => two.ConnectAsync(one)));

            Assert.Equal(("two", "one"), (dials[0].Id, dials[1].Id));
            Assert.NotEqual(dials[0].Handshake.Role, dials[1].Handshake.Role);
            Assert.Equal((dials[0], dials[1]), (await one.ConnectedAsync(), await two.ConnectedAsync()));
            TestMesh.Send(dials[0], $$"""{"round":{{round}}}""");
            Assert.Equal($$"""{"round":{{round}}}""", await two.PacketAsync());
            Assert.Equal((1, 1), (one.Open, two.Open));
            await dials[round % 2].DisposeAsync();
            Assert.Null(await one.EndedAsync());
            Assert.Null(await two.EndedAsync());
            await Within.Deadline(Task.WhenAll(dials[0].Closed, dials[1].Closed));
        }
    }

    [Fact]
    public async Task Dials_that_are_cancelled_at_any_time_leave_nothing_and_hinder_nobody()
    {
        await using var one = await TestMesh.StartAsync("one");
        await using var two = await TestMesh.StartAsync("two");
        for (var round = 0; round < 300; round++)
        {
            using var tired = new CancellationTokenSource();
            var given = Swallow(Task.Run(() => two.ConnectAsync(one, cancellationToken: tired.Token)));
            var dial = Task.Run(() => one.ConnectAsync(two));
            for (var spin = 0; spin < round * 20; spin++)
            {
                Thread.SpinWait(10);
            }

            await tired.CancelAsync();

            var link = await dial;
            await given;
            await link.DisposeAsync();
            await Within.Until(() => one.Open == 0 && two.Open == 0 && !one.Mesh.Nodes.IsKnown("two") && !two.Mesh.Nodes.IsKnown("one"));
        }
    }

    [Fact]
    public async Task A_connection_that_was_just_closed_is_replaced_by_the_next_dial()
    {
        await using var one = await TestMesh.StartAsync("one");
        await using var two = await TestMesh.StartAsync("two");
        for (var round = 0; round < 200; round++)
        {
            var link = await one.ConnectAsync(two);
            var closing = link.DisposeAsync();
            Assert.NotSame(link, await one.ConnectAsync(two));
            await closing;
            await one.Mesh.Nodes.Find("two")!.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_node_that_is_not_admitted_is_refused_by_either_side()
    {
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { Admit = peer => peer.Name != "two" });
        await using var two = await TestMesh.StartAsync("two");

        var dialled = await Assert.ThrowsAsync<LinkException>(() => one.ConnectAsync(two));
        Assert.Equal(LinkError.Untrusted, dialled.Error);
        var refused = await Assert.ThrowsAsync<LinkException>(() => two.ConnectAsync(one));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), (refused.Error, refused.Fate));
        Assert.StartsWith($"{one.Endpoint} closed the connection without a word: perhaps a node of the id two is connected there", refused.Message, StringComparison.Ordinal);
        Assert.Equal(LinkError.Untrusted, (await one.FaultAsync()).Error);
    }

    [Fact]
    public async Task An_exception_of_Admit_refuses_and_is_told()
    {
        var thrown = new InvalidOperationException("no list");
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { Admit = _ => throw thrown });
        await using var two = await TestMesh.StartAsync("two");

        var dialled = await Assert.ThrowsAsync<LinkException>(() => one.ConnectAsync(two));
        await Assert.ThrowsAsync<LinkException>(() => two.ConnectAsync(one));
        var accepted = await one.FaultAsync();

        Assert.All([dialled, accepted], failure => Assert.Equal((LinkError.Untrusted, thrown), (failure.Error, failure.InnerException)));
        Assert.Contains("no list", accepted.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_without_a_name_is_admitted_or_not_without_one()
    {
        var names = new System.Collections.Concurrent.ConcurrentQueue<string?>();
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { Admit = peer => { names.Enqueue(peer.Name); return true; } });
        await using var nobody = await TestMesh.StartAsync(NodeName.NewNobody());

        await nobody.ConnectAsync(one);

        Assert.Null(Assert.Single(names));
    }

    [Fact]
    public async Task With_TLS_a_certificate_is_known_when_a_node_is_admitted()
    {
        using var certificates = new TestCertificates();
        var admitted = new System.Collections.Concurrent.ConcurrentQueue<(string?, string?)>();
        MeshOptions With(string name)
        {
            var (certificateFile, keyFile) = certificates.Issue(name);
            return new MeshOptions
            {
                Tls = new TlsOptions { CertificateFile = certificateFile, KeyFile = keyFile, TrustedFiles = [certificates.AuthorityFile], RequireClientCertificate = true },
                Admit = peer =>
                {
                    admitted.Enqueue((peer.Name, peer.CertificateSubject));
                    return true;
                },
            };
        }

        await using var one = await TestMesh.StartAsync("one", With("one"));
        await using var two = await TestMesh.StartAsync("two", With("two"));
        for (var round = 0; round < 20; round++)
        {
            var dials = await Task.WhenAll(Task.Run(() => one.ConnectAsync(two)), Task.Run(() => two.ConnectAsync(one)));
            Assert.StartsWith("tls://", dials[0].Address.ToString(), StringComparison.Ordinal);
            await dials[0].DisposeAsync();
            await one.EndedAsync();
            await two.EndedAsync();
        }

        Assert.Contains(admitted, seen => seen.Item1 == "two" && seen.Item2 == "CN=two");
    }

    [Fact]
    public async Task A_node_with_TLS_and_one_without_do_not_connect()
    {
        using var certificates = new TestCertificates();
        var (certificateFile, keyFile) = certificates.Issue("one");
        var tls = new TlsOptions { CertificateFile = certificateFile, KeyFile = keyFile, TrustedFiles = [certificates.AuthorityFile], HandshakeTimeout = TimeSpan.FromSeconds(1) };
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { Tls = tls });
        await using var two = await TestMesh.StartAsync("two", new MeshOptions { HandshakeTimeout = TimeSpan.FromSeconds(2) });

        await Assert.ThrowsAsync<LinkException>(() => two.ConnectAsync(Endpoint.Network(EndpointKind.Tcp, "127.0.0.1", one.Port)));
        await Assert.ThrowsAsync<LinkException>(() => one.ConnectAsync(Endpoint.Network(EndpointKind.Tls, "127.0.0.1", two.Port)));
        Assert.Equal((0, 0), (one.Open, two.Open));
    }

    [Fact]
    public async Task The_limit_of_connections_holds_and_places_come_back()
    {
        await using var hub = await TestMesh.StartAsync("hub", new MeshOptions { MaxConnections = 2 });
        await using var one = await TestMesh.StartAsync("one");
        await using var two = await TestMesh.StartAsync("two");
        await using var three = await TestMesh.StartAsync("three");
        var first = await one.ConnectAsync(hub);
        await two.ConnectAsync(hub);

        await Assert.ThrowsAsync<LinkException>(() => three.ConnectAsync(hub));
        Assert.Equal(LinkError.Overloaded, (await hub.FaultAsync()).Error);
        await first.DisposeAsync();
        await Within.Until(() => hub.Open == 1);
        await three.ConnectAsync(hub);
    }

    [Fact]
    public async Task The_limit_of_dials_holds_and_places_come_back_whatever_becomes_of_them()
    {
        await using var one = await TestMesh.StartAsync("one", new MeshOptions { MaxConnections = 1 });
        await using var two = await TestMesh.StartAsync("two");
        await using var three = await TestMesh.StartAsync("three");
        for (var round = 0; round < 20; round++)
        {
            await Assert.ThrowsAsync<LinkException>(() => one.ConnectAsync(two, "nobody"));
            await Within.Until(async () => await SwallowOverload(one.ConnectAsync(two)));
            Assert.Equal(LinkError.Overloaded, (await Assert.ThrowsAsync<LinkException>(() => one.ConnectAsync(three))).Error);
            await one.Mesh.Nodes.Find("two")!.DisposeAsync();
            await Within.Until(() => one.Open == 0);
        }
    }

    [Fact]
    public async Task Disposal_at_any_time_ends_and_leaves_nothing_open()
    {
        for (var round = 0; round < 100; round++)
        {
            var one = await TestMesh.StartAsync("one", reads: round % 2 == 0);
            await using var two = await TestMesh.StartAsync("two");
            var (here, there) = (one.Endpoint, two.Endpoint);
            var dials = Enumerable.Range(0, 4).Select(side => Swallow(Task.Run(() => side % 2 == 0 ? one.ConnectAsync(there) : two.ConnectAsync(here)))).ToArray();
            for (var spin = 0; spin < round * 60; spin++)
            {
                Thread.SpinWait(10);
            }

            await one.DisposeAsync();

            Assert.Equal(0, one.Open);
            Assert.False(one.Mesh.Nodes.IsKnown("two"));
            await Task.WhenAll(dials);
            Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(() => one.Mesh.ConnectAsync(two.Endpoint, null, true, CancellationToken.None))).Error);
            await Assert.ThrowsAsync<LinkException>(() => one.Mesh.ListenAsync(Endpoint.Parse("tcp://127.0.0.1:0"), CancellationToken.None));
            Assert.Null(one.Mesh.Info);
        }
    }

    private static async Task Swallow(Task<MeshLink> dial)
    {
        try
        {
            await dial;
        }
        catch (Exception exception) when (exception is LinkException or OperationCanceledException)
        {
            // What becomes of it is not the question.
        }
    }

    private static async Task<bool> SwallowOverload(Task<MeshLink> dial)
    {
        try
        {
            await dial;
            return true;
        }
        catch (LinkException exception) when (exception.Error == LinkError.Overloaded)
        {
            return false;
        }
    }
}

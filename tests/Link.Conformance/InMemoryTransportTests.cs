using Link.Abstractions;
using Link.InMemory;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What the in-memory transport promises beyond the seam.</summary>
public sealed class InMemoryTransportTests : ConformanceTest<InMemoryUnderTest>
{
    [Fact]
    public async Task Every_member_of_an_envelope_arrives()
    {
        var pair = await CreatePairAsync();
        foreach (var kind in Enum.GetValues<EnvelopeKind>())
        {
            foreach (var writer in Enum.GetValues<Writer>())
            {
                var sent = Messages.Request(RequestId.FromString("id"), "{}") with { Kind = kind, Type = "type", To = "to", Success = true };
                var (writing, reading) = pair.Ends(writer);
                await WriteAsync(writing, sent);
                var received = await ReadAsync(reading);
                Messages.AssertEqual(sent, received);
                Assert.Equal(("type", "sender", "to"), (received.Type, received.From, received.To));
            }
        }
    }

    [Fact]
    public async Task An_envelope_without_id_and_payload_arrives_without()
    {
        var pair = await CreatePairAsync();
        await WriteAsync(pair.Dialled, new Envelope { Kind = EnvelopeKind.Event });
        var received = await ReadAsync(pair.Accepted);
        Assert.True(received.Id.IsMissing);
        Assert.True(received.Payload.IsEmpty);
    }

    [Fact]
    public async Task The_accepted_end_knows_the_name_its_dialler_is_bound_to()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var (dialler, diallerName) = await CreateBoundAsync();
        var dialled = await ConnectAsync(dialler, name);
        var accepted = await AcceptAsync(acceptor);
        Assert.Equal(new Peer { Name = name, Endpoint = $"memory:{name}", IsDialled = true }, dialled.Peer);
        Assert.Equal(new Peer { Name = diallerName, Endpoint = $"memory:{diallerName}" }, accepted.Peer);
    }

    [Fact]
    public async Task Names_of_another_network_are_not_found()
    {
        var (_, name) = await CreateBoundAsync();
        await using var stranger = new InMemoryTransport(new InMemoryNetwork());
        await AssertNotConnectedAsync(LinkError.NoSuchPeer, stranger, name);
    }

    [Fact]
    public async Task Envelopes_without_payload_are_bounded_by_their_number()
    {
        var network = new InMemoryNetwork();
        var name = TestNames.Next();
        await using var acceptor = new InMemoryTransport(network);
        await using var dialler = new InMemoryTransport(network, new InMemoryOptions { BacklogEnvelopes = 3 });
        await acceptor.BindAsync(name);
        var dialled = await ConnectAsync(dialler, name);
        for (var count = 0; count < 3; count++)
        {
            await WriteAsync(dialled, new Envelope { Kind = EnvelopeKind.Event });
        }

        await AssertNotSentAsync(LinkError.Overloaded, () => dialled.WriteAsync(new Envelope { Kind = EnvelopeKind.Event }));
    }

    [Fact]
    public void A_bound_outside_its_range_is_refused()
    {
        var network = new InMemoryNetwork();
        InMemoryOptions[] wrong =
        [
            new() { MaxFrameBytes = 0 },
            new() { BacklogBytes = 1 },
            new() { BacklogEnvelopes = 0 },
            new() { MaxConnections = 0 },
            new() { FaultCapacity = 0 },
        ];
        Assert.All(wrong, options => Assert.Throws<ArgumentOutOfRangeException>(() => new InMemoryTransport(network, options)));
    }
}

using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What <see cref="ITransport"/> says of ConnectAsync, and what <see cref="Peer"/> says of the two ends.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class DiallingConformance<T> : ConformanceTest<T>
    where T : TransportUnderTest, new()
{
    [Fact]
    public async Task Dialling_a_name_nobody_holds_fails_at_once()
    {
        await AssertNotConnectedAsync(LinkError.NoSuchPeer, Create(), TestNames.Next());
    }

    [Fact]
    public async Task A_failed_dial_yields_no_connection()
    {
        var dialler = Create();
        await AssertNotConnectedAsync(LinkError.NoSuchPeer, dialler, TestNames.Next());
        await AssertNextIsAcceptedAsync(dialler);
    }

    [Fact]
    public async Task A_dial_that_failed_can_be_repeated_when_the_peer_is_there()
    {
        var name = TestNames.Next();
        var dialler = Create();
        await AssertNotConnectedAsync(LinkError.NoSuchPeer, dialler, name);

        var acceptor = Create();
        await Within.Deadline(acceptor.BindAsync(name));
        var dialled = await ConnectAsync(dialler, name);
        await AssertCarriesAsync(dialled, await AcceptAsync(acceptor));
    }

    [Fact]
    public async Task A_name_of_bad_form_cannot_be_dialled()
    {
        var dialler = Create();
        foreach (var name in Subject.BadNames)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Within.Deadline(dialler.ConnectAsync(name)));
        }

        await AssertNextIsAcceptedAsync(dialler);
    }

    [Fact]
    public async Task Dialling_again_gives_another_connection_or_the_only_one()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var dialler = Create();
        var first = await ConnectAsync(dialler, name);
        var firstAccepted = await AcceptAsync(acceptor);
        var second = await ConnectAsync(dialler, name);
        if (Subject.OneConnectionPerPeer)
        {
            Assert.Same(first, second);
            Assert.Same(first, await AcceptAsync(dialler));
            await AssertNextIsAcceptedAsync(dialler);
            await AssertCarriesAsync(second, firstAccepted);
            return;
        }

        var secondAccepted = await AcceptAsync(acceptor);

        Assert.NotSame(first, second);
        Assert.NotSame(firstAccepted, secondAccepted);
        await AssertCarriesAsync(second, secondAccepted);
        await AssertCarriesAsync(first, firstAccepted);
    }

    [Fact]
    public async Task A_transport_can_dial_itself()
    {
        var (transport, name) = await CreateBoundAsync();
        var dialled = await ConnectAsync(transport, name);
        var yielded = new[] { await AcceptAsync(transport), await AcceptAsync(transport) };

        Assert.Contains(dialled, yielded);
        var accepted = Assert.Single(yielded, connection => !ReferenceEquals(connection, dialled));
        Assert.False(accepted.Peer.IsDialled);
        await AssertCarriesAsync(dialled, accepted);
        await AssertCarriesAsync(accepted, dialled);
    }

    [Fact]
    public async Task Two_transports_can_dial_each_other()
    {
        var (one, nameOfOne) = await CreateBoundAsync();
        var (two, nameOfTwo) = await CreateBoundAsync();
        var fromOne = await ConnectAsync(one, nameOfTwo);
        Assert.Same(fromOne, await AcceptAsync(one));
        var atTwo = await AcceptAsync(two);
        var fromTwo = await ConnectAsync(two, nameOfOne);
        await AssertCarriesAsync(fromOne, atTwo);
        if (Subject.OneConnectionPerPair)
        {
            Assert.Same(atTwo, fromTwo);
            await AssertCarriesAsync(fromTwo, fromOne);
            return;
        }

        Assert.Same(fromTwo, await AcceptAsync(two));
        await AssertCarriesAsync(fromTwo, await AcceptAsync(one));
    }

    [Fact]
    public async Task Many_dials_may_overlap()
    {
        const int Count = 24;
        var (acceptor, name) = await CreateBoundAsync();
        var dialler = Create();
        var dials = Enumerable.Range(0, Count).Select(_ => Again(dialler)).Select(from => Task.Run(() => ConnectAsync(from, name))).ToArray();
        var dialled = await Task.WhenAll(dials);
        Assert.Equal(Count, dialled.Distinct(ReferenceEqualityComparer.Instance).Count());
        foreach (var connection in dialled)
        {
            await WriteAsync(connection, Messages.Request(RequestId.FromString("id1"), "{}"));
        }

        for (var number = 0; number < Count; number++)
        {
            var accepted = await AcceptAsync(acceptor);
            await WriteAsync(accepted, Messages.Reply((await ReadAsync(accepted)).Id, "{}"));
        }

        foreach (var connection in dialled)
        {
            await ReadAsync(connection);
        }
    }

    [Fact]
    public async Task A_dial_cancelled_before_it_began_leaves_nothing_behind()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var dialler = Create();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Within.Deadline(dialler.ConnectAsync(name, new CancellationToken(canceled: true))));

        var dialled = await ConnectAsync(dialler, name);
        Assert.Same(dialled, await AcceptAsync(dialler));
        await AssertCarriesAsync(dialled, await AcceptAsync(acceptor));
    }

    [Fact]
    public async Task A_dial_cancelled_at_any_time_leaves_nothing_behind()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var dialler = Create();
        var connected = new HashSet<IConnection>(ReferenceEqualityComparer.Instance);
        for (var round = 0; round < 40; round++)
        {
            using var cancellation = new CancellationTokenSource();
            var cancelled = Task.Run(cancellation.Cancel);
            try
            {
                connected.Add(await Within.Deadline(dialler.ConnectAsync(name, cancellation.Token)));
            }
            catch (OperationCanceledException)
            {
                // The race was lost: this dial must not be seen again.
            }

            await cancelled;
        }

        var last = await ConnectAsync(dialler, name);
        connected.Add(last);
        while (connected.Count > 0)
        {
            var yielded = await AcceptAsync(dialler);
            Assert.True(connected.Remove(yielded), "A connection was yielded that no dial returned.");
            if (yielded != last)
            {
                await yielded.DisposeAsync();
            }
        }

        // All but the last have ended: reading any of them at the other side must not wait.
        await WriteAsync(last, Messages.Request(RequestId.FromString("last"), "{}"));
        while (await ReadToEndAsync(await AcceptAsync(acceptor), atMost: 1) == 0)
        {
        }
    }

    [Fact]
    public async Task The_dialled_end_knows_whom_it_dialled()
    {
        var pair = await CreatePairAsync();
        Assert.True(pair.Dialled.Peer.IsDialled);
        Assert.Equal(pair.Name, pair.Dialled.Peer.Name);
        Assert.Contains(Subject.EndpointOf(pair.Name), pair.Dialled.Peer.Endpoint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_accepted_end_knows_at_most_the_name_of_its_dialler()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var (dialler, diallerName) = await CreateBoundAsync();
        await ConnectAsync(dialler, name);
        var named = await AcceptAsync(acceptor);
        await ConnectAsync(Create(), name);
        var unnamed = await AcceptAsync(acceptor);

        Assert.False(named.Peer.IsDialled);
        Assert.True(named.Peer.Name is null || named.Peer.Name == diallerName);
        Assert.Null(unnamed.Peer.Name);
    }

    private async Task AssertNextIsAcceptedAsync(ITransport dialler)
    {
        var (_, name) = await CreateBoundAsync();
        var dialled = await ConnectAsync(dialler, name);
        Assert.Same(dialled, await AcceptAsync(dialler));
    }
}

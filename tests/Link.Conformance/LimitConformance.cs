using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What <see cref="ITransport"/> says of its bounds: the connection limit, and the faults that nobody reads.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class LimitConformance<T> : ConformanceTest<T>
    where T : TransportUnderTest, new()
{
    [Fact]
    public async Task A_dialler_at_its_limit_dials_no_more()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var dialler = Create(new TransportBounds { MaxConnections = 2 });
        var first = await ConnectAsync(dialler, name);
        var firstAccepted = await AcceptAsync(acceptor);
        await ConnectAsync(dialler, (await CreateBoundAsync()).Name);
        await AssertNotConnectedAsync(LinkError.Overloaded, dialler, (await CreateBoundAsync()).Name);
        await AssertCarriesAsync(first, firstAccepted);
    }

    [Fact]
    public async Task A_connection_that_ended_makes_room_for_another()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var dialler = Create(new TransportBounds { MaxConnections = 1 });
        for (var round = 0; round < 5; round++)
        {
            var dialled = await ConnectAsync(dialler, name);
            Assert.Same(dialled, await AcceptAsync(dialler));
            var accepted = await AcceptAsync(acceptor);
            await AssertCarriesAsync(dialled, accepted);
            await Within.Deadline(dialled.DisposeAsync());
            await AssertEndsCleanlyAsync(accepted);
        }
    }

    [Fact]
    public async Task A_connection_read_to_its_end_makes_room_without_disposal()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var dialler = Create(new TransportBounds { MaxConnections = 1 });
        for (var round = 0; round < 5; round++)
        {
            var dialled = await ConnectAsync(dialler, name);
            Assert.Same(dialled, await AcceptAsync(dialler));
            await Within.Deadline((await AcceptAsync(acceptor)).DisposeAsync());
            await AssertEndsCleanlyAsync(dialled);
        }
    }

    [Fact]
    public virtual async Task An_acceptor_at_its_limit_refuses_strangers_and_reports_it()
    {
        var (acceptor, name) = await CreateBoundAsync(new TransportBounds { MaxConnections = 2 });
        var dialler = Create();
        var first = await ConnectAsync(dialler, name);
        var firstAccepted = await AcceptAsync(acceptor);
        await ConnectAsync(Again(dialler), name);
        await AcceptAsync(acceptor);

        Assert.True(await IsRefusedAsync(Again(dialler), name));
        var fault = await Within.Deadline(acceptor.Faults.ReadAsync());
        Assert.Equal(LinkError.Overloaded, fault.Error);
        await AssertCarriesAsync(first, firstAccepted);
    }

    [Fact]
    public virtual async Task An_acceptor_below_its_limit_again_accepts_again()
    {
        var (acceptor, name) = await CreateBoundAsync(new TransportBounds { MaxConnections = 1 });
        await ConnectAsync(Create(), name);
        var accepted = await AcceptAsync(acceptor);
        Assert.True(await IsRefusedAsync(Create(), name));

        await Within.Deadline(accepted.DisposeAsync());
        var dialled = await ConnectAsync(Create(), name);
        await AssertCarriesAsync(dialled, await AcceptAsync(acceptor));
    }

    [Fact]
    public virtual async Task Faults_that_nobody_reads_are_bounded_and_counted()
    {
        const int FarTooMany = 5000;
        var (acceptor, name) = await CreateBoundAsync(new TransportBounds { MaxConnections = 1 });
        var dialler = Create();
        var first = await ConnectAsync(dialler, name);
        var accepted = await AcceptAsync(acceptor);
        for (var count = 0; count < FarTooMany && acceptor.LostFaults == 0; count++)
        {
            Assert.True(await IsRefusedAsync(Again(dialler), name));
        }

        Assert.True(acceptor.LostFaults > 0, "No bound was met.");
        Assert.True(acceptor.Faults.TryRead(out var oldest));
        Assert.Equal(LinkError.Overloaded, oldest.Error);
        await AssertCarriesAsync(first, accepted);
    }

    [Fact]
    public virtual async Task Connections_that_nobody_accepts_are_bounded()
    {
        var bounds = new TransportBounds { MaxConnections = 4 };
        var (acceptor, name) = await CreateBoundAsync(bounds);
        var dialler = Create();
        var dialled = new List<IConnection>();
        for (var count = 0; count < 4; count++)
        {
            dialled.Add(await ConnectAsync(Again(dialler), name));
        }

        Assert.True(await IsRefusedAsync(Again(dialler), name));
        foreach (var connection in dialled)
        {
            await WriteAsync(connection, Messages.Request(RequestId.FromString("kept"), "{}"));
        }

        // They need not come in the order of the dials.
        foreach (var _ in dialled)
        {
            Assert.Equal(1, await ReadToEndAsync(await AcceptAsync(acceptor), atMost: 1));
        }
    }

    [Fact]
    public async Task Connections_that_ended_before_they_were_accepted_are_bounded_too()
    {
        const int FarTooMany = 200;
        var (_, name) = await CreateBoundAsync();
        var dialler = Create(new TransportBounds { MaxConnections = 4 });
        var dialled = new List<IConnection>();
        LinkException? refusal = null;
        while (refusal is null && dialled.Count < FarTooMany)
        {
            try
            {
                dialled.Add(await ConnectAsync(dialler, name));
                await Within.Deadline(dialled[^1].DisposeAsync());
            }
            catch (LinkException exception)
            {
                refusal = exception;
            }
        }

        Assert.Equal(LinkError.Overloaded, refusal?.Error);
        foreach (var expected in dialled)
        {
            Assert.Same(expected, await AcceptAsync(dialler));
        }

        await ConnectAsync(dialler, name);
    }

    /// <summary>
    /// Whether the dial fails as overloaded or ends during its handshake, or gives a connection that ends as overloaded or without a word.
    /// </summary>
    private async Task<bool> IsRefusedAsync(ITransport dialler, string name)
    {
        IConnection dialled;
        try
        {
            dialled = await ConnectAsync(dialler, name);
        }
        catch (LinkException exception)
        {
            Assert.Equal(RequestFate.NotSent, exception.Fate);
            return exception.Error is LinkError.Overloaded or LinkError.ConnectionLost;
        }

        // Read it to the end, wherever it was yielded, so that it counts against no limit.
        Assert.Equal(0, await ReadToEndAsync(dialled, alsoBy: LinkError.Overloaded));
        await Within.Deadline(dialled.DisposeAsync());
        return true;
    }
}

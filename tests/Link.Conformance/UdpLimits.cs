using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>
/// The connection limit over UDP, where a newcomer takes the place of one that waits for nothing: here all wait for an answer. Who is refused
/// is not told so.
/// </summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class UdpLimits<T> : LimitConformance<T>
    where T : UdpUnderTest, new()
{
    public override async Task An_acceptor_at_its_limit_refuses_strangers_and_reports_it()
    {
        var (acceptor, name) = await CreateBoundAsync(new TransportBounds { MaxConnections = 2 });
        var dialler = Create();
        var first = await AskAsync(dialler, acceptor, name);
        await AskAsync(dialler, acceptor, name);

        await ConnectAsync(dialler, name);
        await AssertRefusedAsync(acceptor);
        await AssertAnsweredAsync(first);
    }

    public override async Task An_acceptor_below_its_limit_again_accepts_again()
    {
        var (acceptor, name) = await CreateBoundAsync(new TransportBounds { MaxConnections = 1 });
        var (_, accepted) = await AskAsync(Create(), acceptor, name);
        await ConnectAsync(Create(), name);
        await AssertRefusedAsync(acceptor);

        await Within.Deadline(accepted.DisposeAsync());
        var dialled = await ConnectAsync(Create(), name);
        await AssertCarriesAsync(dialled, await AcceptAsync(acceptor));
    }

    public override async Task Faults_that_nobody_reads_are_bounded_and_counted()
    {
        const int Enough = 1000;
        var (acceptor, name) = await CreateBoundAsync(new TransportBounds { MaxConnections = 1 });
        var dialler = Create();
        var first = await AskAsync(dialler, acceptor, name);
        for (var count = 0; count < Enough && acceptor.LostFaults == 0; count++)
        {
            await Within.Deadline((await ConnectAsync(dialler, name)).DisposeAsync());
        }

        await Within.Until(() => acceptor.LostFaults > 0);
        await AssertRefusedAsync(acceptor);
        await AssertAnsweredAsync(first);
    }

    public override async Task Connections_that_nobody_accepts_are_bounded()
    {
        var (acceptor, name) = await CreateBoundAsync(new TransportBounds { MaxConnections = 4 });
        var dialler = Create();
        for (var count = 0; count < 4; count++)
        {
            await WriteAsync(await ConnectAsync(dialler, name), Messages.Request(RequestId.FromString("kept"), "{}"));
        }

        await ConnectAsync(dialler, name);
        await AssertRefusedAsync(acceptor);
        for (var count = 0; count < 4; count++)
        {
            Assert.Equal(RequestId.FromString("kept"), (await ReadAsync(await AcceptAsync(acceptor))).Id);
        }
    }

    [Fact]
    public async Task The_peer_heard_of_longest_ago_that_waits_for_nothing_makes_room()
    {
        var (acceptor, name) = await CreateBoundAsync(new TransportBounds { MaxConnections = 2 });
        var dialler = Create();
        var waiting = await AskAsync(dialler, acceptor, name);
        var answered = await AskAsync(dialler, acceptor, name);
        await AssertAnsweredAsync(answered);

        var dialled = await ConnectAsync(dialler, name);
        await AssertCarriesAsync(dialled, await AcceptAsync(acceptor));
        Assert.Null(await Within.Deadline(answered.Accepted.ReadAsync()));
        await AssertAnsweredAsync(waiting);
        Assert.False(acceptor.Faults.TryRead(out _));
    }

    /// <summary>Dials, and has a request arrive.</summary>
    private async Task<(IConnection Dialled, IConnection Accepted)> AskAsync(ITransport dialler, ITransport acceptor, string name)
    {
        var dialled = await ConnectAsync(dialler, name);
        var accepted = await AcceptAsync(acceptor);
        await WriteAsync(dialled, Messages.Request(RequestId.FromString("asked"), "{}"));
        Assert.Equal(RequestId.FromString("asked"), (await ReadAsync(accepted)).Id);
        return (dialled, accepted);
    }

    private static async Task AssertAnsweredAsync((IConnection Dialled, IConnection Accepted) pair)
    {
        var reply = Messages.Reply(RequestId.FromString("asked"), "{}");
        await WriteAsync(pair.Accepted, reply);
        Messages.AssertEqual(reply, await ReadAsync(pair.Dialled));
    }

    private static async Task AssertRefusedAsync(ITransport acceptor) =>
        Assert.Equal(LinkError.Overloaded, (await Within.Deadline(acceptor.Faults.ReadAsync())).Error);
}

using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What <see cref="ITransport"/> says of its disposal, at any time.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class DisposalConformance<T> : ConformanceTest<T>
    where T : TransportUnderTest, new()
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_waiting_accept_ends_with_null(bool bound)
    {
        var transport = bound ? (await CreateBoundAsync()).Transport : Create();
        var accept = transport.AcceptAsync().AsTask();
        await Within.Deadline(transport.DisposeAsync());
        Assert.Null(await Within.Deadline(accept));
        Assert.Null(await Within.Deadline(transport.AcceptAsync()));
    }

    [Fact]
    public async Task Disposal_may_be_repeated_and_may_overlap()
    {
        var (transport, name) = await CreateBoundAsync();
        await ConnectAsync(Create(), name);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Within.Deadline(transport.DisposeAsync()))));
        await Within.Deadline(transport.DisposeAsync());
        Assert.Null(await Within.Deadline(transport.AcceptAsync()));
    }

    [Fact]
    public async Task The_name_is_free_after_disposal()
    {
        var (first, name) = await CreateBoundAsync();
        await Within.Deadline(first.DisposeAsync());
        await AssertNotConnectedAsync(LinkError.NoSuchPeer, Create(), name);

        var second = Create();
        await Within.Deadline(second.BindAsync(name));
        await ConnectAsync(Create(), name);
        await AcceptAsync(second);
    }

    [Fact]
    public async Task A_connection_that_nobody_accepted_ends()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var dialled = await ConnectAsync(Create(), name);
        await Within.Deadline(acceptor.DisposeAsync());
        Assert.Equal(0, await ReadToEndAsync(dialled));
        Assert.Null(await Within.Deadline(acceptor.AcceptAsync()));
    }

    [Fact]
    public async Task Dialling_after_disposal_says_so()
    {
        var (_, name) = await CreateBoundAsync();
        var dialler = Create();
        await Within.Deadline(dialler.DisposeAsync());
        await AssertNotConnectedAsync(LinkError.Disposed, dialler, name);
    }

    [Fact]
    public async Task Disposal_during_dials_ends_each_of_them_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var (acceptor, name) = await CreateBoundAsync();
            var dialler = Create();
            var dials = Enumerable.Range(0, 4).Select(_ => Task.Run(() => TryConnectAsync(dialler, name, LinkError.Disposed))).ToArray();
            await Task.Run(() => Within.Deadline(dialler.DisposeAsync()));
            foreach (var connection in await Task.WhenAll(dials))
            {
                await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
            }

            // Whatever the acceptor got of them has ended.
            await WriteAsync(await ConnectAsync(Create(), name), Messages.Request(RequestId.FromString("last"), "{}"));
            while (await ReadToEndAsync(await AcceptAsync(acceptor), atMost: 1) == 0)
            {
            }
        }
    }

    [Fact]
    public async Task Disposal_of_the_acceptor_during_dials_leaves_no_dead_connection_open()
    {
        for (var round = 0; round < 10; round++)
        {
            var (acceptor, name) = await CreateBoundAsync();
            var dialler = Create();
            var dials = Enumerable.Range(0, 4).Select(_ => Task.Run(() => TryConnectAsync(dialler, name, LinkError.NoSuchPeer))).ToArray();
            await Task.Run(() => Within.Deadline(acceptor.DisposeAsync()));
            foreach (var connection in await Task.WhenAll(dials))
            {
                if (connection is not null)
                {
                    Assert.Equal(0, await ReadToEndAsync(connection));
                }
            }
        }
    }

    [Fact]
    public async Task The_faults_complete()
    {
        var (transport, _) = await CreateBoundAsync();
        Assert.Equal(0, transport.LostFaults);
        var waiting = transport.Faults.WaitToReadAsync().AsTask();
        await Within.Deadline(transport.DisposeAsync());
        Assert.False(await Within.Deadline(waiting));
        await Within.Deadline(transport.Faults.Completion);
    }

    [Fact]
    public async Task A_transport_that_did_nothing_can_be_disposed()
    {
        var transport = Create();
        await Within.Deadline(transport.DisposeAsync());
        await Within.Deadline(transport.DisposeAsync());
        await Within.Deadline(transport.Faults.Completion);
    }

    private async Task<IConnection?> TryConnectAsync(ITransport transport, string name, LinkError allowed)
    {
        try
        {
            return await ConnectAsync(transport, name);
        }
        catch (LinkException exception)
        {
            Assert.True(exception.Error == allowed || (Subject.ShakesHands && allowed == LinkError.NoSuchPeer && exception.Error == LinkError.ConnectionLost), exception.ToString());
            Assert.Equal(RequestFate.NotSent, exception.Fate);
            return null;
        }
    }
}

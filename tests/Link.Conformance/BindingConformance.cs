using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What <see cref="ITransport"/> says of BindAsync and UnbindAsync.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class BindingConformance<T> : ConformanceTest<T>
    where T : TransportUnderTest, new()
{
    [Fact]
    public async Task A_bound_name_can_be_dialled()
    {
        var pair = await CreatePairAsync();
        await AssertCarriesAsync(pair.Dialled, pair.Accepted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Binding_a_bound_transport_is_an_error_of_the_caller(bool sameName)
    {
        var (transport, name) = await CreateBoundAsync();
        var second = sameName ? name : TestNames.Next();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Within.Deadline(transport.BindAsync(second)));

        await ConnectAsync(Create(), name);
        await AcceptAsync(transport);
        if (!sameName)
        {
            await AssertNotConnectedAsync(LinkError.NoSuchPeer, Create(), second);
        }
    }

    [Fact]
    public async Task A_name_that_another_transport_holds_cannot_be_had()
    {
        var (owner, name) = await CreateBoundAsync();
        var other = Create();
        var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(other.BindAsync(name)));
        Assert.Equal(LinkError.NameUnavailable, exception.Error);

        await ConnectAsync(Create(), name);
        await AcceptAsync(owner);
    }

    [Fact]
    public async Task A_transport_that_could_not_have_one_name_may_bind_another()
    {
        var (_, taken) = await CreateBoundAsync();
        var other = Create();
        await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(other.BindAsync(taken)));

        var name = TestNames.Next();
        await Within.Deadline(other.BindAsync(name));
        await ConnectAsync(Create(), name);
        await AcceptAsync(other);
    }

    [Fact]
    public async Task Of_many_that_want_one_name_exactly_one_gets_it()
    {
        var name = TestNames.Next();
        var transports = Enumerable.Range(0, 8).Select(_ => Create()).ToArray();
        var results = await Task.WhenAll(transports.Select(transport => Task.Run(async () =>
        {
            try
            {
                await Within.Deadline(transport.BindAsync(name));
                return true;
            }
            catch (LinkException exception)
            {
                Assert.Equal(LinkError.NameUnavailable, exception.Error);
                return false;
            }
        })));

        Assert.Equal(1, results.Count(bound => bound));
        await ConnectAsync(Create(), name);
        await AcceptAsync(transports[Array.IndexOf(results, true)]);
    }

    [Fact]
    public async Task A_name_of_bad_form_cannot_be_bound()
    {
        var transport = Create();
        foreach (var name in Subject.BadNames)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Within.Deadline(transport.BindAsync(name)));
        }

        await Within.Deadline(transport.BindAsync(TestNames.Next()));
    }

    [Fact]
    public async Task An_unbound_name_answers_no_more()
    {
        var (transport, name) = await CreateBoundAsync();
        await Within.Deadline(transport.UnbindAsync());
        await AssertNotConnectedAsync(LinkError.NoSuchPeer, Create(), name);
    }

    [Fact]
    public async Task An_unbound_name_is_free_for_others()
    {
        var (first, name) = await CreateBoundAsync();
        await Within.Deadline(first.UnbindAsync());

        var second = Create();
        await Within.Deadline(second.BindAsync(name));
        await ConnectAsync(Create(), name);
        await AcceptAsync(second);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transport_may_be_bound_again_after_unbinding(bool sameName)
    {
        var (transport, name) = await CreateBoundAsync();
        await Within.Deadline(transport.UnbindAsync());
        var again = sameName ? name : TestNames.Next();
        await Within.Deadline(transport.BindAsync(again));

        var dialled = await ConnectAsync(Create(), again);
        await AssertCarriesAsync(dialled, await AcceptAsync(transport));
    }

    [Fact]
    public async Task Binding_and_unbinding_can_be_repeated()
    {
        var transport = Create();
        var name = TestNames.Next();
        for (var round = 0; round < 20; round++)
        {
            await Within.Deadline(transport.BindAsync(name));
            await Within.Deadline(transport.UnbindAsync());
        }

        await AssertNotConnectedAsync(LinkError.NoSuchPeer, Create(), name);
    }

    [Fact]
    public virtual async Task Established_connections_go_on_after_unbinding()
    {
        var pair = await CreatePairAsync();
        await Within.Deadline(pair.Acceptor.UnbindAsync());
        await AssertCarriesAsync(pair.Dialled, pair.Accepted);
        await AssertCarriesAsync(pair.Accepted, pair.Dialled);
    }

    [Fact]
    public async Task An_unbound_transport_can_still_dial()
    {
        var (transport, _) = await CreateBoundAsync();
        await Within.Deadline(transport.UnbindAsync());
        var (other, name) = await CreateBoundAsync();
        var dialled = await ConnectAsync(transport, name);
        Assert.Same(dialled, await AcceptAsync(transport));
        await AssertCarriesAsync(dialled, await AcceptAsync(other));
    }

    [Fact]
    public async Task Unbinding_what_is_not_bound_does_nothing()
    {
        var transport = Create();
        await Within.Deadline(transport.UnbindAsync());
        var name = TestNames.Next();
        await Within.Deadline(transport.BindAsync(name));
        await Within.Deadline(transport.UnbindAsync());
        await Within.Deadline(transport.UnbindAsync());
        await AssertNotConnectedAsync(LinkError.NoSuchPeer, Create(), name);
    }

    [Fact]
    public async Task Unbinding_does_not_take_a_name_from_its_next_owner()
    {
        var (first, name) = await CreateBoundAsync();
        await Within.Deadline(first.UnbindAsync());
        var second = Create();
        await Within.Deadline(second.BindAsync(name));

        await Within.Deadline(first.UnbindAsync());
        await Within.Deadline(first.DisposeAsync());
        await ConnectAsync(Create(), name);
        await AcceptAsync(second);
    }
}

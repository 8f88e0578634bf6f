using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What <see cref="ITransport"/> says of AcceptAsync.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
public abstract class AcceptingConformance<T> : ConformanceTest<T>
    where T : TransportUnderTest, new()
{
    [Fact]
    public async Task Accepting_works_before_binding()
    {
        var acceptor = Create();
        var accept = acceptor.AcceptAsync().AsTask();
        var name = TestNames.Next();
        await Within.Deadline(acceptor.BindAsync(name));

        var dialled = await ConnectAsync(Create(), name);
        var accepted = await Within.Deadline(accept);
        Assert.NotNull(accepted);
        await AssertCarriesAsync(dialled, accepted);
        await accepted.DisposeAsync();
    }

    [Fact]
    public async Task Accepting_works_without_binding()
    {
        var (_, name) = await CreateBoundAsync();
        var dialler = Create();
        var accept = dialler.AcceptAsync().AsTask();
        var dialled = await ConnectAsync(dialler, name);
        Assert.Same(dialled, await Within.Deadline(accept));
    }

    [Fact]
    public async Task Every_connection_is_yielded_exactly_once_on_each_side()
    {
        const int Count = 16;
        var dialler = Create();
        var acceptors = new (ITransport Transport, string Name)[Count + 1];
        for (var number = 0; number <= Count; number++)
        {
            acceptors[number] = number == 0 || Subject.OneConnectionPerPeer ? await CreateBoundAsync() : acceptors[0];
        }

        var dialled = await Task.WhenAll(acceptors.Take(Count).Select(acceptor => ConnectAsync(dialler, acceptor.Name)));

        var yielded = new HashSet<IConnection>(ReferenceEqualityComparer.Instance);
        var accepted = new HashSet<IConnection>(ReferenceEqualityComparer.Instance);
        for (var number = 0; number < Count; number++)
        {
            Assert.True(yielded.Add(await AcceptAsync(dialler)));
            Assert.True(accepted.Add(await AcceptAsync(acceptors[number].Transport)));
        }

        Assert.True(yielded.SetEquals(dialled));

        // Whatever were yielded a second time would come before this one.
        var last = await ConnectAsync(dialler, acceptors[Count].Name);
        Assert.Same(last, await AcceptAsync(dialler));
        Assert.True(accepted.Add(await AcceptAsync(acceptors[Count].Transport)));
    }

    [Fact]
    public async Task A_dialled_connection_is_yielded_even_when_it_has_been_disposed()
    {
        var (_, name) = await CreateBoundAsync();
        var dialler = Create();
        var dialled = await ConnectAsync(dialler, name);
        await Within.Deadline(dialled.DisposeAsync());

        var yielded = await AcceptAsync(dialler);
        Assert.Same(dialled, yielded);
        await AssertEndsCleanlyAsync(yielded);
    }

    [Fact]
    public async Task What_was_written_before_the_connection_is_accepted_is_not_lost()
    {
        var (acceptor, name) = await CreateBoundAsync();
        var dialled = await ConnectAsync(Create(), name);
        var request = Messages.Request(RequestId.FromString("early"), "{}");
        await WriteAsync(dialled, request);
        Messages.AssertEqual(request, await ReadAsync(await AcceptAsync(acceptor)));
    }

    [Fact]
    public async Task A_cancelled_accept_gives_no_connection_and_loses_none()
    {
        var (acceptor, name) = await CreateBoundAsync();
        using var cancellation = new CancellationTokenSource();
        var accept = acceptor.AcceptAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(accept));

        var dialled = await ConnectAsync(Create(), name);
        await AssertCarriesAsync(dialled, await AcceptAsync(acceptor));
    }

    [Fact]
    public async Task Accepts_cancelled_at_any_time_lose_no_connection()
    {
        const int Count = 40;
        var (acceptor, name) = await CreateBoundAsync();
        var dialler = Create();
        var dialling = Task.Run(async () =>
        {
            for (var number = 0; number < Count; number++)
            {
                await ConnectAsync(Again(dialler), name);
            }
        });

        var accepted = new HashSet<IConnection>(ReferenceEqualityComparer.Instance);
        while (accepted.Count < Count)
        {
            using var cancellation = new CancellationTokenSource();
            var cancelled = Task.Run(cancellation.Cancel);
            if (await TryAcceptAsync(acceptor, cancellation.Token) is { } connection)
            {
                Assert.True(accepted.Add(connection));
            }

            await cancelled;
        }

        await Within.Deadline(dialling);
    }

    [Fact]
    public async Task An_acceptor_that_blocks_holds_nobody_up()
    {
        var (acceptor, name) = await CreateBoundAsync();
        using var release = new ManualResetEventSlim();
        var accepting = Task.Run(async () =>
        {
            await AcceptAsync(acceptor);
            Assert.True(release.Wait(Within.Default));
        });

        var dialler = Create();
        await Task.Run(() => ConnectAsync(dialler, name));
        await Task.Run(() => ConnectAsync(Again(dialler), name));
        release.Set();
        await Within.Deadline(accepting);
    }

    private async Task<IConnection?> TryAcceptAsync(ITransport acceptor, CancellationToken cancellationToken)
    {
        try
        {
            return await Within.Deadline(acceptor.AcceptAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}

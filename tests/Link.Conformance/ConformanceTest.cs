using System.Diagnostics.CodeAnalysis;
using Link.Abstractions;
using Link.Testing;

namespace Link.Conformance;

/// <summary>What all suites share: transports that are disposed at the end, connected pairs, and calls that end.</summary>
/// <typeparam name="T">The transport under test.</typeparam>
[SuppressMessage("Design", "CA1001", Justification = "The test framework calls DisposeAsync of IAsyncLifetime.")]
public abstract class ConformanceTest<T> : IAsyncLifetime
    where T : TransportUnderTest, new()
{
    private readonly List<ITransport> _transports = [];
    private readonly List<IConnection> _connections = [];
    private int _sign = 4242;

    /// <summary>The transport under test, one instance for each test.</summary>
    protected T Subject { get; } = new();

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await Within.Deadline(connection.DisposeAsync());
        }

        foreach (var transport in _transports)
        {
            await Within.Deadline(transport.DisposeAsync());
        }

        Subject.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A transport that is not bound.</summary>
    protected ITransport Create(TransportBounds? bounds = null)
    {
        var transport = Subject.Create(bounds ?? new TransportBounds());
        _transports.Add(transport);
        return transport;
    }

    /// <summary>A transport bound to a new name.</summary>
    protected async Task<(ITransport Transport, string Name)> CreateBoundAsync(TransportBounds? bounds = null)
    {
        var transport = Create(bounds);
        var name = TestNames.Next();
        await Within.Deadline(transport.BindAsync(name));
        return (transport, name);
    }

    /// <summary>What dials so that one more connection comes of it: the same transport, unless that has one already and can have no other.</summary>
    protected ITransport Again(ITransport dialler) => Subject.OneConnectionPerPeer ? Create() : dialler;

    /// <summary>Two transports and one connection, accepted on both sides.</summary>
    protected async Task<Pair> CreatePairAsync(TransportBounds? bounds = null, TransportBounds? acceptorBounds = null)
    {
        var (acceptor, name) = await CreateBoundAsync(acceptorBounds ?? bounds);
        var dialler = Create(bounds);
        var dialled = await ConnectAsync(dialler, name);
        Assert.Same(dialled, await AcceptAsync(dialler));
        return new Pair(dialler, acceptor, name, dialled, await AcceptAsync(acceptor));
    }

    /// <summary>Dials, within the deadline.</summary>
    protected async Task<IConnection> ConnectAsync(ITransport transport, string name)
    {
        var connection = await Within.Deadline(transport.ConnectAsync(name));
        lock (_connections)
        {
            _connections.Add(connection);
        }

        return connection;
    }

    /// <summary>Accepts a connection that must come, within the deadline.</summary>
    protected async Task<IConnection> AcceptAsync(ITransport transport)
    {
        var connection = await Within.Deadline(transport.AcceptAsync());
        Assert.NotNull(connection);
        lock (_connections)
        {
            _connections.Add(connection);
        }

        return connection;
    }

    /// <summary>Writes, within the deadline.</summary>
    protected static Task WriteAsync(IConnection connection, Envelope envelope, bool more = false) =>
        Within.Deadline(connection.WriteAsync(envelope, more));

    /// <summary>
    /// Asks what is about to be answered: a transport may carry no reply that nobody asked for. What is no reply needs no question.
    /// </summary>
    /// <param name="replying">Where the replies will be written.</param>
    /// <param name="reading">Where they will be read.</param>
    /// <param name="replies">The replies.</param>
    protected static async Task AskForAsync(IConnection replying, IConnection reading, params IEnumerable<Envelope> replies)
    {
        foreach (var id in replies.Where(envelope => envelope.Kind == EnvelopeKind.Reply).Select(reply => reply.Id))
        {
            await WriteAsync(reading, Messages.Request(id, "{}"));
            Assert.Equal(id, (await ReadAsync(replying)).Id);
        }
    }

    /// <summary>Asks for the first numbered messages that are replies.</summary>
    protected static Task AskForNumberedAsync(IConnection replying, IConnection reading, int count) =>
        AskForAsync(replying, reading, Enumerable.Range(0, count).Select(number => Messages.Numbered(reading, number)));

    /// <summary>Reads an envelope that must come, within the deadline, and checks it against the flow.</summary>
    protected static async Task<Envelope> ReadAsync(IConnection connection)
    {
        var envelope = await Within.Deadline(connection.ReadAsync());
        Assert.NotNull(envelope);
        Assert.True(Messages.Fits(connection.Flow, envelope.Value.Kind), $"{envelope.Value.Kind} came where {connection.Flow} was told.");
        return envelope.Value;
    }

    /// <summary>Reads the numbered message that must come next.</summary>
    protected static async Task ReadNumberedAsync(IConnection connection, int number, int padding = 0) =>
        Messages.AssertEqual(Messages.Numbered(connection, number, padding), await ReadAsync(connection), connection.Peer);

    /// <summary>Sends one message and sees it arrive: the connection lives.</summary>
    protected async Task AssertCarriesAsync(IConnection writing, IConnection reading)
    {
        // Never the same id twice: a transport may take that for the same request.
        var number = Interlocked.Increment(ref _sign);
        await AskForAsync(writing, reading, Messages.Numbered(reading, number));
        await WriteAsync(writing, Messages.Numbered(reading, number));
        await ReadNumberedAsync(reading, number);
    }

    /// <summary>The connection gives the clean end, and gives it again.</summary>
    protected async Task AssertEndsCleanlyAsync(IConnection connection)
    {
        Subject.LetEndsBeNoticed();
        Assert.Null(await Within.Deadline(connection.ReadAsync()));
        Assert.Null(await Within.Deadline(connection.ReadAsync()));
    }

    /// <summary>Reads until the connection ends, cleanly, by a loss or as is said, and no other way; gives how many envelopes came.</summary>
    protected async Task<int> ReadToEndAsync(IConnection connection, int atMost = int.MaxValue, LinkError alsoBy = LinkError.ConnectionLost)
    {
        Subject.LetEndsBeNoticed();
        var count = 0;
        try
        {
            while (count < atMost && await Within.Deadline(connection.ReadAsync()) is not null)
            {
                count++;
            }
        }
        catch (LinkException exception)
        {
            Assert.Contains(exception.Error, new[] { LinkError.ConnectionLost, alsoBy });
        }

        return count;
    }

    /// <summary>The call fails with this error, and nothing was sent.</summary>
    protected static async Task<LinkException> AssertNotSentAsync(LinkError error, Func<ValueTask> call)
    {
        var exception = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(call()));
        Assert.Equal(error, exception.Error);
        Assert.Equal(RequestFate.NotSent, exception.Fate);
        return exception;
    }

    /// <summary>Dialling fails with this error, and nothing was sent.</summary>
    protected static Task<LinkException> AssertNotConnectedAsync(LinkError error, ITransport transport, string name) =>
        AssertNotSentAsync(error, async () => await transport.ConnectAsync(name));
}

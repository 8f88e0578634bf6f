using System.Threading.Channels;
using Link.Abstractions;

namespace Link.InMemory;

/// <summary>
/// A transport inside one process, and the reference implementation of <see cref="ITransport"/>. Both ends of a connection may write
/// anything (<see cref="EnvelopeFlow.Both"/>), and the accepting end is told the name that the dialling end is bound to.
/// Thread safety as <see cref="ITransport"/> says.
/// </summary>
public sealed class InMemoryTransport : ITransport
{
    private readonly Lock _gate = new();
    private readonly InMemoryNetwork _network;
    private readonly Channel<InMemoryConnection> _established;
    private readonly Channel<LinkException> _faults;
    private long _lostFaults;
    private int _places;
    private string? _name;
    private bool _disposed;

    /// <summary>Makes a transport that sees the names of <paramref name="network"/>.</summary>
    /// <param name="network">The names shared with the other transports.</param>
    /// <param name="options">The bounds; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is outside its range.</exception>
    public InMemoryTransport(InMemoryNetwork network, InMemoryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        Options = options ?? new InMemoryOptions();
        Options.Validate();
        _established = Channel.CreateBounded<InMemoryConnection>(Options.MaxConnections);
        _faults = Channel.CreateBounded<LinkException>(
            new BoundedChannelOptions(Options.FaultCapacity) { FullMode = BoundedChannelFullMode.DropWrite },
            _ => Interlocked.Increment(ref _lostFaults));
    }

    /// <inheritdoc/>
    public ChannelReader<LinkException> Faults => _faults.Reader;

    /// <inheritdoc/>
    public long LostFaults => Interlocked.Read(ref _lostFaults);

    internal InMemoryOptions Options { get; }

    /// <inheritdoc/>
    public ValueTask BindAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        lock (_gate)
        {
            if (_disposed)
            {
                return ValueTask.FromException(Disposed());
            }

            if (_name is not null)
            {
                return ValueTask.FromException(new InvalidOperationException($"The transport is already bound to {_name}."));
            }

            if (!_network.TryClaim(name, this))
            {
                return ValueTask.FromException(new LinkException(LinkError.NameUnavailable, $"The name {name} is taken."));
            }

            _name = name;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        Unbind();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IConnection> ConnectAsync(string peer, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(peer);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IConnection>(cancellationToken);
        }

        try
        {
            return ValueTask.FromResult<IConnection>(Connect(peer));
        }
        catch (LinkException exception)
        {
            return ValueTask.FromException<IConnection>(exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IConnection?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _established.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_established.Reader.TryRead(out var connection))
            {
                connection.OnYielded();
                return connection;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            _established.Writer.TryComplete();
            _faults.Writer.TryComplete();
        }

        Unbind();

        // Nobody will be given these any more, so nobody else can close them.
        while (_established.Reader.TryRead(out var connection))
        {
            connection.OnYielded();
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal void ReleasePlace() => Interlocked.Decrement(ref _places);

    private InMemoryConnection Connect(string peer)
    {
        string? name;
        lock (_gate)
        {
            name = _disposed ? throw Disposed() : _name;
        }

        var acceptor = _network.Find(peer) ?? throw NoSuchPeer(peer);
        if (!TryTakePlace())
        {
            throw new LinkException(LinkError.Overloaded, $"The limit of {Options.MaxConnections} connections is reached.");
        }

        if (!acceptor.TryTakePlace())
        {
            ReleasePlace();
            acceptor.ReportRefusal(name);
            throw new LinkException(LinkError.Overloaded, $"{peer} has reached its limit of {acceptor.Options.MaxConnections} connections.");
        }

        var (dialled, accepted) = InMemoryConnection.CreatePair(this, name, acceptor, peer);
        if (!acceptor._established.Writer.TryWrite(accepted))
        {
            ReleasePlace();
            acceptor.ReleasePlace();
            throw NoSuchPeer(peer);
        }

        if (!_established.Writer.TryWrite(dialled))
        {
            dialled.OnYielded();
            _ = dialled.DisposeAsync();
            throw Disposed();
        }

        return dialled;
    }

    private void Unbind()
    {
        lock (_gate)
        {
            if (_name is not null)
            {
                _network.Release(_name);
                _name = null;
            }
        }
    }

    private bool TryTakePlace()
    {
        if (Interlocked.Increment(ref _places) <= Options.MaxConnections)
        {
            return true;
        }

        Interlocked.Decrement(ref _places);
        return false;
    }

    private void ReportRefusal(string? dialler) => _faults.Writer.TryWrite(new LinkException(
        LinkError.Overloaded, $"A connection from {dialler ?? "(unnamed)"} was refused: the limit of {Options.MaxConnections} is reached."));

    private static LinkException NoSuchPeer(string peer) => new(LinkError.NoSuchPeer, $"Nobody answers to the name {peer}.");

    private static LinkException Disposed() => new(LinkError.Disposed, "The transport was disposed.");
}

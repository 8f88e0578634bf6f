using System.Threading.Channels;
using Link.Abstractions;
using Link.Logging;
using Link.NodeIpc.Frames;
using Link.Streams;
using Link.Streams.Endpoints;

namespace Link.NodeIpc;

/// <summary>
/// ipc-link over the sockets of npm's node-ipc 9.1.4 (SPEC.md, "Frames", "Endpoints", "Socket files", "Identity"): a name is the Unix socket
/// <c>SocketRoot + AppSpace + name</c>, or what <see cref="NodeIpcOptions.Peers"/> say: another Unix socket, TCP, TLS, UDP, a named pipe.
/// On Unix sockets both sides check by the kernel that the other belongs to a trusted user. Safe for concurrent use as <see cref="ITransport"/> says.
/// </summary>
public sealed class NodeIpcTransport : ITransport
{
    private const byte FormFeed = 0x0c;

    private static readonly DelimiterCodec Codec = new(FormFeed);

    private readonly NodeIpcOptions _options;
    private readonly FrameNetwork _network;
    private readonly EndpointBook _book;
    private readonly ConnectionLimit _accepted;
    private readonly ConnectionLimit _dialled;
    private readonly FaultLog _faults = new();

    // Bounded by MaxConnections: each entry holds a place of one of the limits above.
    private readonly Channel<Yield> _established = Channel.CreateUnbounded<Yield>();
    private readonly CancellationTokenSource _disposal = new();
    private readonly Lock _gate = new();

    // One of each for all connections.
    private readonly Action<LinkException> _report;
    private readonly Action<NodeIpcConnection> _forget;
    private FrameListener? _listening;
    private Task? _disposing;
    private bool _disposed;

    /// <summary>Makes a transport that is neither bound nor connected.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public NodeIpcTransport(NodeIpcOptions? options = null)
    {
        _options = options ?? new NodeIpcOptions();
        _options.Validate();
        _network = new FrameNetwork(Codec, _options.Limits, _options.Datagrams, _options.ForEndpoints());
        _book = _options.MakeBook();
        _accepted = new ConnectionLimit(_options.MaxConnections);
        _dialled = new ConnectionLimit(_options.MaxConnections);
        _report = _faults.Report;
        _forget = connection => (connection.Peer.IsDialled ? _dialled : _accepted).Release();
    }

    /// <inheritdoc/>
    public ChannelReader<LinkException> Faults => _faults.Reader;

    /// <inheritdoc/>
    public long LostFaults => _faults.Lost;

    /// <summary>Where it listens, such as <c>tcp://127.0.0.1:8000</c>, with the port that the operating system chose; null when it is not bound.</summary>
    public string? Endpoint => _listening?.Endpoint.ToString();

    /// <inheritdoc/>
    public async ValueTask BindAsync(string name, CancellationToken cancellationToken = default)
    {
        var endpoint = _options.ListenEndpoint() ?? _book.Find(name);
        ThrowIfDisposed();
        if (Endpoint is { } bound)
        {
            throw new InvalidOperationException($"The transport is already bound to {bound}.");
        }

        var listening = await _network.ListenAsync(endpoint, _accepted, TakeAccepted, _report, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (!_disposed)
            {
                _listening = listening;
                return;
            }
        }

        await listening.DisposeAsync().ConfigureAwait(false);
        ThrowIfDisposed();
    }

    /// <inheritdoc/>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _listening, null) is { } listening)
        {
            await listening.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IConnection> ConnectAsync(string peer, CancellationToken cancellationToken = default)
    {
        var endpoint = _book.Find(peer);
        ThrowIfDisposed();
        if (!_dialled.TryTake())
        {
            throw new LinkException(LinkError.Overloaded, $"{peer} was not dialled: {_options.MaxConnections} connections are already open.");
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        try
        {
            return Establish(await _network.DialAsync(endpoint, peer, _report, linked.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _dialled.Release();
            throw Disposed();
        }
        catch
        {
            _dialled.Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IConnection?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _established.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_established.Reader.TryRead(out var yielded))
            {
                yielded.Counted.OnYielded();
                return yielded.Connection;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            return new ValueTask(_disposing ??= Task.Run(DisposeCoreAsync));
        }
    }

    private async Task DisposeCoreAsync()
    {
        await _disposal.CancelAsync().ConfigureAwait(false);
        await UnbindAsync(CancellationToken.None).ConfigureAwait(false);
        _established.Writer.TryComplete();
        while (_established.Reader.TryRead(out var yielded))
        {
            yielded.Counted.OnYielded();
            await yielded.Connection.DisposeAsync().ConfigureAwait(false);
        }

        _faults.Complete();
    }

    private void TakeAccepted(PeerChannel accepted) => Establish(accepted);

    /// <summary>Makes a connection, which holds a place of its limit until it has ended and has been yielded.</summary>
    private IConnection Establish(PeerChannel established)
    {
        var counted = new NodeIpcConnection(established, _report, _forget);
        var connection = established.Channel.FramesStandAlone ? WithResend(counted) : counted;
        if (!_established.Writer.TryWrite(new Yield(counted, connection)))
        {
            established.Channel.Fail(Disposed());
            throw Disposed();
        }

        return connection;
    }

    private IConnection WithResend(NodeIpcConnection connection) => _options.Resend switch
    {
        null => connection,
        { } resend when connection.Peer.IsDialled => new ResendingConnection(connection, resend, _options.TimeProvider),
        { } resend => new AnsweringOnceConnection(connection, connection.Forgo, resend, _options.TimeProvider),
    };

    private void ThrowIfDisposed()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                throw Disposed();
            }
        }
    }

    private static LinkException Disposed() => new(LinkError.Disposed, "The transport has been disposed.");

    /// <summary>A connection to be yielded.</summary>
    /// <param name="Counted">What holds the place of the limit.</param>
    /// <param name="Connection">What the caller gets: the same, or one around it.</param>
    private readonly record struct Yield(NodeIpcConnection Counted, IConnection Connection);
}

using System.Threading.Channels;
using Link.Abstractions;
using Link.Logging;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>
/// Requests and replies over a mesh of masterless (SPEC.md, "masterless: a Server over the mesh"): the name of a server is the id of a node. Peers are those that
/// <see cref="MeshOptions.Peers"/> tell the addresses of, those that have connected by themselves, and addresses such as <c>tcp://127.0.0.1:2435</c>.
/// Safe for concurrent use as <see cref="ITransport"/> says.
/// </summary>
public sealed class MeshTransport : ITransport
{
    private const int LongestName = 256;

    private readonly MeshOptions _options;
    private readonly Mesh _mesh;
    private readonly ConnectionLimit _selves;
    private readonly FaultLog _faults = new();
    private readonly string _nobody = NodeName.NewNobody();

    // Bounded by MaxConnections: each entry holds a place of a limit.
    private readonly Channel<MeshConnection> _established = Channel.CreateUnbounded<MeshConnection>();
    private readonly Lock _gate = new();
    private MeshConnection? _self;
    private Task? _disposing;

    /// <summary>Makes a transport that is neither bound nor connected.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public MeshTransport(MeshOptions? options = null)
    {
        _options = options ?? new MeshOptions();
        _options.Validate();
        _selves = new ConnectionLimit(_options.MaxConnections);
        _mesh = new Mesh(_nobody, _options, new Events(this));
    }

    /// <inheritdoc/>
    public ChannelReader<LinkException> Faults => _faults.Reader;

    /// <inheritdoc/>
    public long LostFaults => _faults.Lost;

    /// <summary>Where others reach it, such as <c>tcp://127.0.0.1:2435</c>, as far as is known without a connection; null when it is not bound.</summary>
    public string? Info => _mesh.Info;

    private bool IsDisposed => Volatile.Read(ref _disposing) is not null;

    /// <inheritdoc/>
    public async ValueTask BindAsync(string name, CancellationToken cancellationToken = default)
    {
        ThrowIfNoName(name);
        ThrowIfDisposed();
        if (_mesh.Listening is { } bound)
        {
            throw new InvalidOperationException($"The transport is already bound to {_mesh.Id} at {bound}.");
        }

        // Before it listens: whoever connects at once is told the name.
        _mesh.Id = name;
        try
        {
            await _mesh.ListenAsync(EndpointOf(name), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _mesh.Id = _nobody;
            throw;
        }

        if (IsDisposed)
        {
            await UnbindAsync(CancellationToken.None).ConfigureAwait(false);
            throw Disposed();
        }
    }

    /// <inheritdoc/>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _mesh.Id = _nobody;
        await _mesh.StopListeningAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Gives the connection there is, whoever has opened it; it is yielded once.</remarks>
    public async ValueTask<IConnection> ConnectAsync(string peer, CancellationToken cancellationToken = default)
    {
        ThrowIfNoName(peer);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        if (peer == _mesh.Id && _mesh.Listening is { } own)
        {
            return ConnectToSelf(peer, own);
        }

        return _mesh.Nodes.FindOfAnyId(peer) is { } link ? OwnerOf(link) : await DialAsync(peer, cancellationToken).ConfigureAwait(false);
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
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return new ValueTask(_disposing ??= Task.Run(DisposeCoreAsync));
        }
    }

    private async Task DisposeCoreAsync()
    {
        await _mesh.StopAsync().ConfigureAwait(false);
        _established.Writer.TryComplete();
        while (_established.Reader.TryRead(out var connection))
        {
            connection.OnYielded();
            await connection.DisposeAsync().ConfigureAwait(false);
        }

        _faults.Complete();
    }

    private MeshConnection ConnectToSelf(string name, Endpoint listening)
    {
        lock (_gate)
        {
            if (_self is { HasEnded: false })
            {
                return _self;
            }

            if (!_selves.TryTake())
            {
                throw new LinkException(LinkError.Overloaded, $"{name} was not dialled: {_selves.Max} connections of this node with itself are already open.");
            }

            var (dialled, accepted) = SelfPair.Create(name, listening, _options);
            var ends = 2;
            dialled.Holds.OnReleased = accepted.Holds.OnReleased = () =>
            {
                if (Interlocked.Decrement(ref ends) == 0)
                {
                    _selves.Release();
                }
            };
            var here = new MeshConnection(dialled, _options.PacketFormat, _faults.Report);
            var there = new MeshConnection(accepted, _options.PacketFormat, _faults.Report);
            if (!Yield(here) | !Yield(there))
            {
                throw Disposed();
            }

            return _self = here;
        }
    }

    /// <summary>Hands a connection over; false when nobody takes it any more, and then it is closed.</summary>
    private bool Yield(MeshConnection connection)
    {
        if (_established.Writer.TryWrite(connection))
        {
            return true;
        }

        connection.OnYielded();
        _ = connection.DisposeAsync().AsTask();
        return false;
    }

    private Endpoint EndpointOf(string name) => _options switch
    {
        { Port: not 0 } => Endpoint.Network(_options.Kind, _options.Host, _options.Port),
        { Peers: var peers } when peers.TryGetValue(name, out var address) => NodeAddress.OfPeer(name, address, _options.Kind),
        _ => Endpoint.Network(_options.Kind, _options.Host, 0),
    };

    private async Task<MeshConnection> DialAsync(string peer, CancellationToken cancellationToken)
    {
        var isListed = _options.Peers.TryGetValue(peer, out var listed);
        if (!isListed && !peer.Contains("://", StringComparison.Ordinal))
        {
            throw NoSuchPeer(peer);
        }

        var address = isListed ? NodeAddress.OfPeer(peer, listed!, _options.Kind) : NodeAddress.Parse(peer, _options.Kind);
        try
        {
            return OwnerOf(await _mesh.ConnectAsync(address, isListed ? peer : null, keeps: true, cancellationToken).ConfigureAwait(false));
        }
        catch (LinkException exception) when (
            !isListed && exception is { Error: LinkError.NoSuchPeer, Peer.Name: { } found } && found == _mesh.Id && _mesh.Listening is { } own)
        {
            // The address has led here.
            return ConnectToSelf(found, own);
        }
    }

    private static MeshConnection OwnerOf(MeshLink link) => link.Owner as MeshConnection ?? throw Disposed();

    private static void ThrowIfNoName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > LongestName || NodeName.Of(name) is null)
        {
            throw new ArgumentException($"'{Shown.Text(name)}' is no name of a node: it has at most {LongestName} characters, and is not ~ and 32 hex digits.", nameof(name));
        }
    }

    private void ThrowIfDisposed()
    {
        if (IsDisposed)
        {
            throw Disposed();
        }
    }

    private static LinkException NoSuchPeer(string name) => new(
        LinkError.NoSuchPeer, $"Nobody of the name {Shown.Text(name)} is connected, and {nameof(MeshOptions)}.{nameof(MeshOptions.Peers)} tell no address of it: add one, or connect to an address such as tcp://127.0.0.1:2435.");

    private static LinkException Disposed() => new(LinkError.Disposed, "The transport has been disposed.");

    /// <summary>What the mesh tells.</summary>
    private sealed class Events(MeshTransport transport) : IMeshEvents
    {
        public void OnConnected(MeshLink link)
        {
            try
            {
                link.WriteKeep(true, countsAsSend: false);
            }
            catch (LinkException)
            {
                // It has ended already: whoever reads it is told.
            }

            var connection = new MeshConnection(link, transport._options.PacketFormat, transport._faults.Report);
            link.Owner = transport.Yield(connection) ? connection : null;
        }

        public void OnForgotten(string id)
        {
        }

        public void OnFault(LinkException fault) => transport._faults.Report(fault);
    }
}

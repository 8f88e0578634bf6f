using System.Collections.Concurrent;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.NodeIpc.Frames;
using Link.Streams.Endpoints;

namespace Link.NodeIpc.Events;

/// <summary>Serves any number of endpoints, and the connections that were made to them. Safe for concurrent use.</summary>
public sealed class IpcServer : IpcEvents
{
    // Kept as long as the connection: a peer must not decide how much that is.
    private const int LongestId = 256;
    private const int MostLookups = 1000;

    private readonly ConnectionLimit _limit;

    // Anybody may send datagrams: they must not take the places of those who connect.
    private readonly ConnectionLimit _datagramLimit;
    private readonly EventPump _pump;
    private readonly ConcurrentDictionary<IpcSocket, Served> _sockets = new();
    private readonly List<FrameListener> _listening = [];
    private readonly Lock _gate = new();
    private bool _disposed;

    internal IpcServer(IpcContext context)
        : base(context)
    {
        _limit = new ConnectionLimit(context.Options.MaxConnections);
        _datagramLimit = new ConnectionLimit(context.Options.MaxConnections);
        _pump = context.MakePump();
    }

    /// <summary>It listens on one more endpoint.</summary>
    public event EventHandler<IpcStartedEventArgs>? Started;

    /// <summary>A client has connected.</summary>
    public event EventHandler<IpcSocketEventArgs>? Connected;

    /// <summary>A connection has ended; with the id it is remembered by.</summary>
    public event EventHandler<IpcSocketEventArgs>? SocketDisconnected;

    /// <summary>A connection has ended: the same as <see cref="SocketDisconnected"/>, directly afterwards.</summary>
    public event EventHandler<IpcSocketEventArgs>? Closed;

    /// <summary>Where it listens, with the ports that the operating system chose.</summary>
    public IReadOnlyCollection<Endpoint> Endpoints
    {
        get
        {
            lock (_gate)
            {
                return [.. _listening.Select(listener => listener.Endpoint)];
            }
        }
    }

    /// <summary>The open connections.</summary>
    public IReadOnlyCollection<IpcSocket> Sockets => [.. _sockets.Keys.Where(socket => socket.IsOpen)];

    /// <summary>Calls the handler whenever <see cref="Connected"/> is raised, and awaits it: what it throws is an <see cref="IpcEvents.Error"/>.</summary>
    public void OnConnected(Func<IpcSocketEventArgs, Task> handler) => AddLocal("connect", handler);

    /// <summary>Sends a message on one connection.</summary>
    /// <inheritdoc cref="IpcSocket.EmitAsync"/>
    public Task EmitAsync(IpcSocket socket, string type, object? data = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return socket.EmitAsync(type, data, cancellationToken);
    }

    /// <summary>The connection to a UDP address, whether or not it has sent something: messages leave from the port that this serves.</summary>
    /// <param name="version">As in <see cref="Ipc.ServeNetAsync(UdpVersion, string?, int?, CancellationToken)"/>, which must have been called.</param>
    /// <param name="host">The host.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Ends the wait for the name service.</param>
    /// <exception cref="LinkException">The host has no address, or there are too many connections.</exception>
    /// <exception cref="InvalidOperationException">This does not serve UDP of that version.</exception>
    /// <exception cref="ArgumentException">There is no such host or port.</exception>
    public async Task<IpcSocket> ToAsync(UdpVersion version, string host, int port, CancellationToken cancellationToken = default)
    {
        var remote = Context.Udp(version, host, port);
        FrameListener? listener;
        lock (_gate)
        {
            listener = _listening.Find(candidate => candidate.Endpoint.Kind == remote.Kind);
        }

        if (listener is null)
        {
            throw new InvalidOperationException($"{remote} cannot be reached: serve {version} first.");
        }

        for (var attempt = 0; attempt < MostLookups; attempt++)
        {
            var channel = await listener.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
            if (_sockets.Keys.FirstOrDefault(socket => socket.IsOn(channel)) is { } socket)
            {
                return socket;
            }

            // A channel that is just coming, or just going.
            await Task.Yield();
        }

        throw new LinkException(LinkError.ConnectionLost, $"{remote} comes and goes; nothing was sent.");
    }

    /// <summary>
    /// Sends a message on every open connection, that of a message being handled included. A connection whose peer reads too slowly to have
    /// room for it is closed, and reported by <see cref="IpcEvents.Error"/>.
    /// </summary>
    /// <param name="type">The type, which chooses the handler there.</param>
    /// <param name="data">As in <see cref="IpcSocket.EmitAsync"/>.</param>
    /// <returns>How many connections accepted it for sending.</returns>
    /// <exception cref="LinkException">Nothing was sent: <see cref="LinkError.InvalidData"/> or <see cref="LinkError.TooLarge"/>.</exception>
    /// <exception cref="InvalidOperationException">In raw mode there are no messages.</exception>
    public async Task<int> BroadcastAsync(string type, object? data = null)
    {
        using var content = new PooledBuffer();
        Context.WriteMessage(content, type, data);
        Context.ThrowIfTooLarge(content.Length);
        return await Broadcast.SendAsync(Sockets, content.WrittenMemory, Report).ConfigureAwait(false);
    }

    /// <summary>Sends bytes on every open connection, in raw mode.</summary>
    /// <inheritdoc cref="BroadcastAsync"/>
    /// <exception cref="InvalidOperationException">This is not raw mode.</exception>
    public async Task<int> BroadcastRawAsync(ReadOnlyMemory<byte> bytes)
    {
        Context.ThrowIfNotRaw();
        Context.ThrowIfTooLarge(bytes.Length);
        return await Broadcast.SendAsync(Sockets, bytes, Report).ConfigureAwait(false);
    }

    /// <summary>Listens on one more endpoint.</summary>
    internal async Task<Endpoint> ServeAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        var listener = await Context.Network.ListenAsync(
            endpoint, endpoint.IsDatagram ? _datagramLimit : _limit, Take, Report, cancellationToken).ConfigureAwait(false);
        bool disposed;
        lock (_gate)
        {
            disposed = _disposed;
            if (!disposed)
            {
                _listening.Add(listener);
            }
        }

        if (disposed)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
            ThrowIfDisposed();
        }

        IpcLog.Started(Context.Logger, listener.Endpoint);

        // Not waited for: what others do fills the queue, and a handler may be the caller.
        _ = _pump.PostAsync(() => RaiseAsync(Started, new IpcStartedEventArgs(listener.Endpoint)));
        return listener.Endpoint;
    }

    /// <summary>Stops listening; open connections go on.</summary>
    internal async Task StopAsync()
    {
        FrameListener[] listening;
        lock (_gate)
        {
            listening = [.. _listening];
            _listening.Clear();
        }

        foreach (var listener in listening)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
            IpcLog.Stopped(Context.Logger, listener.Endpoint);
        }
    }

    /// <summary>Stops listening and closes every connection, for good. Handlers may still run afterwards.</summary>
    internal async Task CloseAsync()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        await StopAsync().ConfigureAwait(false);
        await Task.WhenAll(_sockets.Keys.Select(socket => socket.CloseAsync())).ConfigureAwait(false);
    }

    /// <summary>Ends when every handler has run.</summary>
    internal Task DrainAsync() => Task.WhenAll([.. _sockets.Values.Select(served => served.Ended.Task), _pump.DrainAsync()]);

    /// <summary>Leaves handlers that still run behind.</summary>
    internal void Abandon()
    {
        _pump.Close();
        foreach (var served in _sockets.Values)
        {
            served.Pump.Close();
        }
    }

    /// <inheritdoc/>
    private protected override void OnHandling(IpcMessage message)
    {
        if (EventFrame.IdOf(message.Payload.Utf8.Span, LongestId) is { } id)
        {
            message.Socket.Id = id;
        }
    }

    private void Take(PeerChannel established)
    {
        var socket = new IpcSocket(Context, established);
        var served = new Served(Context.MakePump());
        lock (_gate)
        {
            if (_disposed)
            {
                var disposed = Disposed();
                established.Channel.Fail(disposed);
                throw disposed;
            }

            _sockets[socket] = served;
        }

        _ = Task.Run(() => RunAsync(socket, established, served));
    }

    private async Task RunAsync(IpcSocket socket, PeerChannel established, Served served)
    {
        var pump = served.Pump;
        IpcLog.Connected(Context.Logger, socket.Peer);
        await pump.PostAsync(() => RaiseAsync(Connected, new IpcSocketEventArgs(socket, id: null), "connect")).ConfigureAwait(false);
        if (await new SocketReader(socket, established, this, pump, Context.Options).RunAsync().ConfigureAwait(false) is { } error)
        {
            await pump.PostAsync(() => RaiseErrorAsync(error, socket)).ConfigureAwait(false);
        }

        IpcLog.Disconnected(Context.Logger, socket.Peer);
        await pump.PostAsync(() => RaiseAsync(SocketDisconnected, new IpcSocketEventArgs(socket, socket.Id))).ConfigureAwait(false);
        await pump.PostAsync(() => RaiseAsync(Closed, new IpcSocketEventArgs(socket, socket.Id))).ConfigureAwait(false);

        // What waits for handlers is held in memory: the place is free when there is nothing left.
        await pump.DrainAsync().ConfigureAwait(false);
        _sockets.TryRemove(socket, out _);
        (established.Channel.FramesStandAlone ? _datagramLimit : _limit).Release();
        served.Ended.TrySetResult();
    }

    private void Report(LinkException error)
    {
        if (!_pump.TryPost(() => RaiseErrorAsync(error, socket: null)))
        {
            IpcLog.Fault(Context.Logger, error.Message, error);
        }
    }

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

    private static LinkException Disposed() => new(LinkError.Disposed, "It has been disposed.");

    /// <summary>What belongs to one connection.</summary>
    private sealed class Served(EventPump pump)
    {
        public EventPump Pump => pump;

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

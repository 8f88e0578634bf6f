using Link.Abstractions;
using Link.NodeIpc.Frames;
using Link.Streams.Endpoints;

namespace Link.NodeIpc.Events;

/// <summary>
/// A client of the server with one id. It connects again by itself, as <see cref="IpcOptions.Retry"/> and <see cref="IpcOptions.MaxRetries"/> say,
/// until it is disconnected or destroyed. Safe for concurrent use.
/// </summary>
public sealed class IpcClient : IpcEvents
{
    private readonly EventPump _pump;
    private readonly Listener _listener;
    private readonly Lock _gate = new();
    private RetryCycle? _cycle;
    private bool _disposed;

    internal IpcClient(string id, IpcContext context)
        : base(context)
    {
        Id = id;
        _pump = context.MakePump();
        _listener = new Listener(this);
    }

    /// <summary>It is connected.</summary>
    public event EventHandler<IpcSocketEventArgs>? Connected;

    /// <summary>A connection has ended, or an attempt to connect has failed.</summary>
    public event EventHandler<IpcSocketEventArgs>? Disconnected;

    /// <summary>It tries no more: it was disconnected by this process, or has no tries left.</summary>
    public event EventHandler<EventArgs>? Destroyed;

    /// <summary>Calls the handler whenever <see cref="Connected"/> is raised, and awaits it: what it throws is an <see cref="IpcEvents.Error"/>.</summary>
    public void OnConnected(Func<IpcSocketEventArgs, Task> handler) => AddLocal("connect", handler);

    /// <summary>The id of the server.</summary>
    public string Id { get; }

    /// <summary>Whether it is connected.</summary>
    public bool IsConnected => _cycle?.Socket is { IsOpen: true };

    /// <summary>Sends a message to the server. While an attempt to connect is under way it waits for that; otherwise it fails at once.</summary>
    /// <inheritdoc cref="IpcSocket.EmitAsync"/>
    public async Task EmitAsync(string type, object? data = null, CancellationToken cancellationToken = default) =>
        await Socket().EmitAsync(type, data, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="IpcSocket.EmitRawAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    public async Task EmitRawAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        await Socket().EmitRawAsync(bytes, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="IpcSocket.EmitRawAsync(string, CancellationToken)"/>
    public async Task EmitRawAsync(string text, CancellationToken cancellationToken = default) =>
        await Socket().EmitRawAsync(text, cancellationToken).ConfigureAwait(false);

    /// <summary>Connects, unless it is connected or being connected already.</summary>
    internal Task ConnectAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        RetryCycle cycle;
        lock (_gate)
        {
            if (_disposed)
            {
                throw new LinkException(LinkError.Disposed, $"The client of {Id} was disconnected for good.");
            }

            if (_cycle is null or { IsOver: true })
            {
                _cycle = new RetryCycle(Id, endpoint, Context, _listener);
            }

            cycle = _cycle;
        }

        return cycle.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the connection and what would follow; it cannot be connected again. Handlers may still run afterwards.</summary>
    internal async Task DisconnectAsync()
    {
        RetryCycle? cycle;
        lock (_gate)
        {
            _disposed = true;
            cycle = _cycle;
        }

        if (cycle is not null)
        {
            await cycle.StopAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends when it has been destroyed and its handlers have run.</summary>
    internal async Task DrainAsync()
    {
        await (_cycle?.Ended ?? Task.CompletedTask).ConfigureAwait(false);
        await _pump.DrainAsync().ConfigureAwait(false);
    }

    /// <summary>Leaves handlers that still run behind.</summary>
    internal void Abandon() => _pump.Close();

    private IpcSocket Socket() =>
        _cycle?.Socket ?? throw new LinkException(LinkError.ConnectionLost, $"{Id} is not connected; nothing was sent.");

    private sealed class Listener(IpcClient client) : IRetryListener
    {
        public Task OnConnectedAsync(IpcSocket socket)
        {
            IpcLog.Connected(client.Context.Logger, socket.Peer);
            return client._pump.PostAsync(() => client.RaiseAsync(client.Connected, new IpcSocketEventArgs(socket, id: null), "connect"));
        }

        public Task OnFailedAsync(LinkException error, IpcSocket socket) => client._pump.PostAsync(() => client.RaiseErrorAsync(error, socket));

        public Task OnDisconnectedAsync(IpcSocket socket)
        {
            IpcLog.Disconnected(client.Context.Logger, socket.Peer);
            return client._pump.PostAsync(() => client.RaiseAsync(client.Disconnected, new IpcSocketEventArgs(socket, id: null)));
        }

        public Task OnDestroyedAsync()
        {
            IpcLog.Destroyed(client.Context.Logger, client.Id);
            return client._pump.PostAsync(() => client.RaiseAsync(client.Destroyed, EventArgs.Empty));
        }

        public Task<LinkException?> ReadAsync(IpcSocket socket, PeerChannel established) =>
            new SocketReader(socket, established, client, client._pump, client.Context.Options).RunAsync();
    }
}

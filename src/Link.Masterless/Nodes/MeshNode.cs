using Link.Abstractions;
using Link.Logging;
using Link.Streams.Endpoints;
using Microsoft.Extensions.Logging;

namespace Link.Masterless;

/// <summary>
/// A node of npm's masterless, or masterless-msgpack: it listens and connects, and of the connections between two nodes one is left, over which both send packets.
/// Handlers start in the order of arrival, never on the thread that receives, and run side by side at their awaits; while too many run or wait, no peer is read.
/// Safe for concurrent use.
/// </summary>
public sealed class MeshNode : IAsyncDisposable
{
    private const int LongestId = 256;

    private readonly MeshOptions _options;
    private readonly NodeHandlers _handlers;
    private readonly NodeLife _life;
    private readonly PacketSender _sender;
    private readonly Lock _gate = new();
    private volatile bool _isStarted;
    private volatile bool _isClosing;
    private volatile string? _info;
    private Task? _closing;

    /// <summary>A node that does not listen yet.</summary>
    /// <param name="id">Its id, which no other node of the mesh may have.</param>
    /// <param name="options">Checked here; null for the defaults.</param>
    /// <exception cref="ArgumentException">The id has not 1 to 256 characters, or an option is outside its range.</exception>
    public MeshNode(string id, MeshOptions? options = null)
    {
        ThrowIfNoId(id);
        _options = options ?? new MeshOptions();
        _options.Validate();
        Id = id;
        _handlers = new NodeHandlers(this, _options, new GuardedLogger(_options.LoggerFactory.CreateLogger(typeof(MeshNode).FullName!)));
        _life = new NodeLife(id, _handlers, _options);
        _sender = new PacketSender(_life.Others, _handlers.Reports, _options);
    }

    /// <summary>The node listens.</summary>
    public event EventHandler<MeshListeningEventArgs>? Listening;

    /// <summary>
    /// A node has been connected with, whoever began. What handlers send here goes out before this node says whether it keeps the connection, and they may still
    /// call <see cref="KeepAsync"/>. Not raised when a lost connection has been made again.
    /// </summary>
    public event EventHandler<MeshConnectedEventArgs>? Connected;

    /// <summary>There is no connection with a node any more, by whosever doing.</summary>
    public event EventHandler<MeshDisconnectedEventArgs>? Disconnected;

    /// <summary>Something went wrong that belongs to no call.</summary>
    public event EventHandler<MeshErrorEventArgs>? Error;

    /// <summary>The id of this node.</summary>
    public string Id { get; }

    /// <summary>Where others reach it, such as <c>tcp://127.0.0.1:2435</c>; null before it listens, and after it was closed.</summary>
    public string? Info => _info;

    /// <summary>The ids of the nodes it is connected with.</summary>
    public IReadOnlyCollection<string> Connections => _life.Others.Connected;

    internal IPayloadSerializer Serializer => _options.Serializer;

    internal EventHandler<MeshListeningEventArgs>? ListeningHandlers => Listening;

    internal EventHandler<MeshConnectedEventArgs>? ConnectedHandlers => Connected;

    internal EventHandler<MeshDisconnectedEventArgs>? DisconnectedHandlers => Disconnected;

    internal EventHandler<MeshErrorEventArgs>? ErrorHandlers => Error;

    /// <summary>Listens; from then on others may connect.</summary>
    /// <returns><see cref="Info"/>.</returns>
    /// <exception cref="InvalidOperationException">It listens already.</exception>
    /// <exception cref="LinkException">
    /// The port is taken (<see cref="LinkError.NameUnavailable"/>), or would be open to the network without TLS (<see cref="LinkError.Untrusted"/>). Or the node was closed
    /// (<see cref="LinkError.Disposed"/>).
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it does not listen, and may be started again.</exception>
    public async Task<string> StartAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ThrowIfClosing();
            if (_isStarted)
            {
                throw new InvalidOperationException($"The node {Id} listens already.");
            }

            _isStarted = true;
        }

        try
        {
            await _life.Mesh.ListenAsync(Endpoint.Network(_options.Kind, _options.Host, _options.Port), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _isStarted = false;
            throw;
        }

        var info = _life.Mesh.Info ?? throw Closed();
        lock (_gate)
        {
            ThrowIfClosing();
            _info = info;
        }

        _handlers.Reports.Listening(info);
        return info;
    }

    /// <summary>Connects with the node at an address; when there is a connection with it already, whoever opened it, nothing is done.</summary>
    /// <param name="address">Such as <c>tcp://192.168.1.64:2435</c>; <c>tls://</c> with certificates in the options.</param>
    /// <param name="keep">
    /// Whether this node keeps that one from now on, as with <see cref="KeepAsync"/>. A connection that neither of the two keeps is closed at once.
    /// </param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The id of the node.</returns>
    /// <exception cref="ArgumentException">It is no address of a node.</exception>
    /// <exception cref="InvalidOperationException">This node does not listen yet.</exception>
    /// <exception cref="LinkException">
    /// Nobody listens there, or it is this node itself (<see cref="LinkError.NoSuchPeer"/>), it does not answer (<see cref="LinkError.Timeout"/>), it closed the connection or was
    /// lost (<see cref="LinkError.ConnectionLost"/>), it is no node (<see cref="LinkError.ProtocolViolation"/>), it is not trusted (<see cref="LinkError.Untrusted"/>), too many
    /// connections are open (<see cref="LinkError.Overloaded"/>), or this node was closed (<see cref="LinkError.Disposed"/>).
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<string> ConnectAsync(string address, bool keep = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        var endpoint = NodeAddress.Parse(address, _options.Kind);
        ThrowIfClosing();
        var own = _info ?? throw new InvalidOperationException($"The node {Id} does not listen: call StartAsync first.");
        return endpoint.ToString() == own
            ? Task.FromException<string>(new LinkException(LinkError.NoSuchPeer, $"{address} is this node itself."))
            : _life.ConnectAsync(endpoint, keep, cancellationToken);
    }

    /// <summary>Keeps that node no more, sends what is still to be sent, and closes the connection; or gives up to connect again.</summary>
    /// <returns>False when there was nothing to end.</returns>
    public Task<bool> DisconnectAsync(string id)
    {
        ThrowIfNoId(id);
        return _life.DisconnectAsync(id);
    }

    /// <summary>
    /// Says whether this node wants to keep the connection with that one, now or later. One that both do not want is closed. A kept one that is lost is made again,
    /// with one attempt at once; when that fails, the node is kept no more.
    /// </summary>
    /// <exception cref="LinkException">The node could not be told: overloaded or closed.</exception>
    public Task KeepAsync(string id, bool keep = true)
    {
        ThrowIfNoId(id);
        ThrowIfClosing();
        try
        {
            _life.Keep(id, keep);
            return Task.CompletedTask;
        }
        catch (LinkException exception)
        {
            return Task.FromException(exception);
        }
    }

    /// <summary>Whether this node keeps that one.</summary>
    public bool IsKept(string id)
    {
        ThrowIfNoId(id);
        return _life.Others.IsKept(id);
    }

    /// <summary>Sends a packet to a node.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="packet">What becomes a JSON object; or a <see cref="Payload"/>, as it stands.</param>
    /// <param name="cancellationToken">Ends the wait for the connection.</param>
    /// <returns>
    /// True when it is handed to the connection: at once, or when the handshake or the attempt to connect again that is under way has ended. False when that node is not known.
    /// </returns>
    /// <exception cref="ArgumentException">The packet is no JSON object, or has in MessagePack the member <c>$masterless</c>.</exception>
    /// <exception cref="LinkException">
    /// Nothing was sent: no connection came about (<see cref="LinkError.ConnectionLost"/>, <see cref="LinkError.Timeout"/>), a bound is reached
    /// (<see cref="LinkError.Overloaded"/>, <see cref="LinkError.TooLarge"/>), it is not to be written as JSON (<see cref="LinkError.InvalidData"/>), or this node was closed
    /// (<see cref="LinkError.Disposed"/>).
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing was sent.</exception>
    public async Task<bool> SendAsync(string id, object packet, CancellationToken cancellationToken = default)
    {
        ThrowIfNoId(id);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        return await _sender.SendAsync(id, packet, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a packet, encoded once, to several nodes.</summary>
    /// <param name="ids">Their ids.</param>
    /// <param name="packet">As for one.</param>
    /// <param name="cancellationToken">Ends the wait for connections.</param>
    /// <returns>How many it was handed over for. What keeps it from one, which does not keep it from others, raises <see cref="Error"/>.</returns>
    /// <inheritdoc cref="SendAsync(string, object, CancellationToken)"/>
    public async Task<int> SendAsync(IEnumerable<string> ids, object packet, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        string[] all = [.. ids];
        Array.ForEach(all, ThrowIfNoId);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        return await _sender.SendAsync(all, packet, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Calls the handler for every packet. Several run in the order in which they were added.</summary>
    public void OnMessage(Func<MeshMessage, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handlers.Add(handler);
    }

    /// <summary>The same with a handler that has nothing to wait for.</summary>
    public void OnMessage(Action<MeshMessage> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handlers.Add(message =>
        {
            handler(message);
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Lets the handlers that run come to an end, within <see cref="MeshOptions.DrainTimeout"/>; closes all connections, and ends the node. Does not wait for handlers when it is
    /// called by one of them, which alone may still send. May be called more than once.
    /// </summary>
    public Task CloseAsync()
    {
        if (_handlers.IsInside)
        {
            _handlers.Hurry();
        }

        lock (_gate)
        {
            _isClosing = true;
            return _closing ??= Task.Run(CloseCoreAsync);
        }
    }

    /// <summary>The same as <see cref="CloseAsync"/>.</summary>
    public ValueTask DisposeAsync() => new(CloseAsync());

    private async Task CloseCoreAsync()
    {
        var start = _options.TimeProvider.GetTimestamp();
        _info = null;
        await _life.Mesh.StopListeningAsync().ConfigureAwait(false);
        _handlers.Close();
        await _handlers.DrainAsync(_options.DrainTimeout).ConfigureAwait(false);
        _life.Close();
        await _life.Mesh.DisposeAsync().ConfigureAwait(false);
        var left = _options.DrainTimeout - _options.TimeProvider.GetElapsedTime(start);
        await _handlers.DrainAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero).ConfigureAwait(false);
    }

    private void ThrowIfClosing()
    {
        if (_isClosing)
        {
            throw Closed();
        }
    }

    /// <summary>What handlers that run while the node is being closed send, still goes out.</summary>
    private void ThrowIfClosed()
    {
        if (_isClosing && (_life.IsClosed || !_handlers.IsInside))
        {
            throw Closed();
        }
    }

    private LinkException Closed() => new(LinkError.Disposed, $"The node {Shown.Text(Id)} was closed.");

    private static void ThrowIfNoId(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length is 0 or > LongestId)
        {
            throw new ArgumentException($"An id has 1 to {LongestId} characters.", nameof(id));
        }
    }
}

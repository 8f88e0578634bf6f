using System.Net;
using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>
/// One node among others: listens, dials, shakes hands and beats. Everything of this assembly that is a node is made of it. Safe for concurrent use, except that
/// <see cref="ListenAsync"/> and <see cref="StopListeningAsync"/> do not overlap.
/// </summary>
internal sealed class Mesh : IAsyncDisposable
{
    private readonly MeshOptions _options;
    private readonly IMeshEvents _events;
    private readonly Connections _connections;
    private readonly Dialler _dialler;
    private readonly Heartbeats _heartbeats;
    private StreamAcceptor? _acceptor;

    /// <param name="id">The id of this node.</param>
    /// <param name="options">Validated by the caller.</param>
    /// <param name="events">Told of what happens.</param>
    public Mesh(string id, MeshOptions options, IMeshEvents events)
    {
        _options = options;
        _events = events;
        Nodes = new NodeTable(events.OnForgotten, options.NewPriority) { OwnId = id };
        _connections = new Connections(options, Nodes, events);
        _dialler = new Dialler(options, Nodes, _connections, Begin, IsSelf);
        _heartbeats = new Heartbeats(Nodes, options);
    }

    /// <summary>The id of this node, in handshakes that begin from now on.</summary>
    public string Id
    {
        get => Nodes.OwnId;
        set => Nodes.OwnId = value;
    }

    /// <summary>The nodes this one is connected or shaking hands with.</summary>
    public NodeTable Nodes { get; }

    /// <summary>Where it listens, with the port that the operating system chose; null when it does not.</summary>
    public Endpoint? Listening => _acceptor?.Endpoint;

    /// <summary>Where others reach it, as far as is known without a connection; null when it does not listen.</summary>
    public string? Info => Listening is { } listening ? AnnouncedAddress.Of(listening, null, _options).ToString() : null;

    /// <summary>Begins to accept.</summary>
    /// <exception cref="LinkException">
    /// It cannot be listened on (<see cref="LinkError.NameUnavailable"/>), would be open to the network (<see cref="LinkError.Untrusted"/>), or the node has been disposed.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left behind.</exception>
    public async Task ListenAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        var listener = await StreamListener.ListenAsync(endpoint, _options.ForEndpoints(), cancellationToken).ConfigureAwait(false);
        _acceptor = new StreamAcceptor(listener, _connections.Accepted, stream => _ = AcceptAsync(stream), _events.OnFault, _options.TimeProvider);
        if (_connections.Disposal.IsCancellationRequested)
        {
            await StopListeningAsync().ConfigureAwait(false);
            throw Connections.Disposed();
        }
    }

    /// <summary>Accepts no more; what is connected goes on.</summary>
    public async Task StopListeningAsync()
    {
        if (Interlocked.Exchange(ref _acceptor, null) is { } acceptor)
        {
            await acceptor.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Gives the connection with the node at an address: the one there is, or a new one, whoever opened it.</summary>
    /// <param name="address">Where.</param>
    /// <param name="expected">The id that must answer, or null.</param>
    /// <param name="keeps">Whether the user wants to keep a connection that comes of it.</param>
    /// <param name="cancellationToken">Ends the attempt; what was begun is closed.</param>
    /// <exception cref="LinkException">There is none; the fate is NotSent.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<MeshLink> ConnectAsync(Endpoint address, string? expected, bool keeps, CancellationToken cancellationToken) =>
        _dialler.ConnectAsync(new Dial(address, expected, keeps), cancellationToken);

    /// <summary>Connects again with a node whose connection was lost: once, where it had been dialled, or where it had said that it listens.</summary>
    /// <inheritdoc cref="ConnectAsync"/>
    public Task<MeshLink> ReturnAsync(MeshLink lost, CancellationToken cancellationToken) =>
        _dialler.ConnectAsync(new Dial(lost.Address, lost.Id, Keeps: false, IsReturn: true, IsAnnounced: lost.Handshake.Role == Role.Acceptor), cancellationToken);

    /// <summary>Begins nothing more: dials and handshakes under way end. What is connected goes on, with its heartbeats, until its users have closed it.</summary>
    public async ValueTask StopAsync()
    {
        await _connections.CancelAsync().ConfigureAwait(false);
        await StopListeningAsync().ConfigureAwait(false);
        _ = EndHeartbeatsAsync();
    }

    /// <summary>Closes everything. May be called more than once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _connections.CancelAsync().ConfigureAwait(false);
        await _heartbeats.DisposeAsync().ConfigureAwait(false);
        await StopListeningAsync().ConfigureAwait(false);
        await _connections.DisposeAsync().ConfigureAwait(false);
    }

    private async Task AcceptAsync(PeerStream stream)
    {
        Place place;
        try
        {
            place = _connections.Enter(_connections.Accepted);
        }
        catch (LinkException)
        {
            await stream.Stream.DisposeAsync().ConfigureAwait(false);
            return;
        }

        // Not on the loop that accepts: what a peer has sent already, and the user's check, would hold up who comes next.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var handshake = new Handshake(Role.Acceptor, stream, Id, AnnouncedVia(stream), null, _options, Nodes);
            var result = await _connections.RunAsync(handshake, place, _connections.Disposal).ConfigureAwait(false);
            if (result is { Failure: { } failure, MayBeDuplicate: false })
            {
                _events.OnFault(failure);
            }
        }
        catch (OperationCanceledException)
        {
            // This node is being disposed.
        }
    }

    private async Task EndHeartbeatsAsync()
    {
        await _connections.WhenEmptyAsync().ConfigureAwait(false);
        await _heartbeats.DisposeAsync().ConfigureAwait(false);
    }

    private Handshake Begin(Dial dial, PeerStream stream) =>
        new(Role.Connector, stream, Id, AnnouncedVia(stream), dial, _options, Nodes);

    /// <summary>Whether a dial has led to this node: both ends are at one address, and the other is the port that it listens on.</summary>
    private bool IsSelf(PeerStream stream) =>
        Listening is { } own && stream is { Local: { } local, Remote: { } remote } && remote.Port == own.Port && remote.Address.Equals(local.Address) &&
        (NodeAddress.IsAny(own.Address) || (IPAddress.TryParse(own.Address, out var listening) && listening.Equals(remote.Address)));

    private string AnnouncedVia(PeerStream stream) => AnnouncedAddress.Of(Listening, stream.Local, _options).ToString();
}

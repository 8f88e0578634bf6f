using System.Collections.Concurrent;
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
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(80);

    private readonly MeshOptions _options;
    private readonly IMeshEvents _events;
    private readonly EndpointOptions _endpoints;
    private readonly ConnectionLimit _accepted;
    private readonly ConnectionLimit _dialled;
    private readonly DialGate<Endpoint> _gate = new();
    private readonly RecentlyClosed _recent;
    private readonly Heartbeats _heartbeats;
    private readonly CancellationTokenSource _disposal = new();

    // What is open, or being closed: bounded by the limits.
    private readonly ConcurrentDictionary<Handshake, byte> _open = new();
    private StreamAcceptor? _acceptor;
    private int _stopped;

    /// <param name="id">The id of this node.</param>
    /// <param name="options">Validated by the caller.</param>
    /// <param name="events">Told of what happens.</param>
    public Mesh(string id, MeshOptions options, IMeshEvents events)
    {
        Id = id;
        _options = options;
        _events = events;
        _endpoints = options.ForEndpoints();
        _accepted = new ConnectionLimit(options.MaxConnections);
        _dialled = new ConnectionLimit(options.MaxConnections);
        _recent = new RecentlyClosed(options.HandshakeTimeout, options.TimeProvider);
        Nodes = new NodeTable(events.OnForgotten, _recent);
        _heartbeats = new Heartbeats(Nodes, options);
    }

    /// <summary>The id of this node, in handshakes that begin from now on.</summary>
    public string Id { get; set; }

    /// <summary>The nodes this one is connected or shaking hands with.</summary>
    public NodeTable Nodes { get; }

    /// <summary>Where it listens, with the port that the operating system chose; null when it does not.</summary>
    public Endpoint? Listening => _acceptor?.Endpoint;

    /// <summary>Where others reach it, as far as is known without a connection; null when it does not listen.</summary>
    public string? Info => Listening is { } listening ? AnnouncedAddress.Of(listening, null, _options).ToString() : null;

    /// <summary>Begins to accept.</summary>
    /// <exception cref="LinkException">It cannot be listened on (<see cref="LinkError.NameUnavailable"/>), or would be open to the network (<see cref="LinkError.Untrusted"/>).</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left behind.</exception>
    public async Task ListenAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        var listener = await StreamListener.ListenAsync(endpoint, _endpoints, cancellationToken).ConfigureAwait(false);
        _acceptor = new StreamAcceptor(listener, _accepted, stream => _ = AcceptAsync(stream), _events.OnFault, _options.TimeProvider);
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
    public async Task<MeshLink> ConnectAsync(Endpoint address, string? expected, bool keeps, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        try
        {
            using var turn = await _gate.EnterAsync(address, either.Token).ConfigureAwait(false);
            return await ConnectInTurnAsync(address, expected, keeps, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Disposed();
        }
    }

    /// <summary>Begins nothing more: dials and handshakes under way end. What is connected goes on until its users close it.</summary>
    public async ValueTask StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            await _disposal.CancelAsync().ConfigureAwait(false);
        }

        await StopListeningAsync().ConfigureAwait(false);
        await EndHeartbeatsAsync().ConfigureAwait(false);
    }

    /// <summary>Closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        while (!_open.IsEmpty)
        {
            foreach (var link in Nodes.Links)
            {
                await link.DisposeAsync().ConfigureAwait(false);
            }

            await Task.WhenAll(_open.Keys.Select(handshake => handshake.Gone)).ConfigureAwait(false);
        }
    }

    private async Task<MeshLink> ConnectInTurnAsync(Endpoint address, string? expected, bool keeps, CancellationToken cancellationToken)
    {
        var start = _options.TimeProvider.GetTimestamp();
        for (var pause = ShortestPause; ; pause = pause < LongestPause ? pause * 2 : pause)
        {
            if ((expected ?? Nodes.IdAt(address)) is { } id && Nodes.Find(id) is { } existing)
            {
                return existing;
            }

            var (handshake, result) = await DialAsync(address, expected, keeps, cancellationToken).ConfigureAwait(false);
            if (result.Link is { } made)
            {
                return made;
            }

            if (result.MayBeDuplicate)
            {
                var rival = handshake.RemoteId ?? expected ?? Nodes.IdAt(address);
                if (rival is not null && await SettledAsync(rival, cancellationToken).ConfigureAwait(false) is { } other)
                {
                    return other;
                }

                if (_recent.Contains(address) && _options.TimeProvider.GetElapsedTime(start) < _options.HandshakeTimeout)
                {
                    // The peer may not have seen yet that this node closed the connection before.
                    await Task.Delay(pause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
                    continue;
                }
            }

            throw result.Failure!;
        }
    }

    private async Task<(Handshake Handshake, HandshakeResult Result)> DialAsync(
        Endpoint address, string? expected, bool keeps, CancellationToken cancellationToken)
    {
        if (!_dialled.TryTake())
        {
            throw new LinkException(LinkError.Overloaded, $"{address} was not dialled: {_options.MaxConnections} connections are already open.");
        }

        PeerStream stream;
        try
        {
            stream = await StreamDialer.DialAsync(address, expected ?? address.ToString(), _endpoints, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _dialled.Release();
            throw;
        }

        var handshake = Begin(Role.Connector, stream, expected, keeps);
        return (handshake, await RunAsync(handshake, _dialled, cancellationToken).ConfigureAwait(false));
    }

    private async Task AcceptAsync(PeerStream stream)
    {
        var handshake = Begin(Role.Acceptor, stream, null, keeps: false);
        try
        {
            var result = await RunAsync(handshake, _accepted, _disposal.Token).ConfigureAwait(false);
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

    private Handshake Begin(Role role, PeerStream stream, string? expected, bool keeps)
    {
        var announced = AnnouncedAddress.Of(Listening, stream.Local, _options).ToString();
        var handshake = new Handshake(role, stream, Id, announced, expected, _options, Nodes) { Keeps = keeps };
        _open.TryAdd(handshake, 0);
        return handshake;
    }

    /// <summary>Runs a handshake. Whatever comes of it, the place of the limit is given back when the connection is closed.</summary>
    private async Task<HandshakeResult> RunAsync(Handshake handshake, ConnectionLimit limit, CancellationToken cancellationToken)
    {
        MeshLink? link = null;
        try
        {
            var result = await handshake.RunAsync(cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            link = result.Link;
            return result;
        }
        catch (OperationCanceledException) when (handshake.Address is not null)
        {
            // The peer may have taken it for begun, or for chosen.
            _recent.Add(handshake.Address);
            throw;
        }
        finally
        {
            if (link is null)
            {
                Nodes.Leave(handshake);
                _ = DiscardAsync(handshake, limit);
            }
            else
            {
                _ = ReleaseAsync(link, limit);

                // In this order: who finds it in the table may rely on it that the events know it.
                _events.OnConnected(link);
                Nodes.Publish(link);
            }
        }
    }

    private async Task ReleaseAsync(MeshLink link, ConnectionLimit limit)
    {
        await link.Closed.ConfigureAwait(false);
        await link.LetGo.ConfigureAwait(false);
        await ForgetAsync(link.Handshake, limit).ConfigureAwait(false);
    }

    private async Task DiscardAsync(Handshake handshake, ConnectionLimit limit)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await handshake.Channel.DisposeAsync().ConfigureAwait(false);
        await ForgetAsync(handshake, limit).ConfigureAwait(false);
    }

    private async ValueTask ForgetAsync(Handshake handshake, ConnectionLimit limit)
    {
        _open.TryRemove(handshake, out _);
        limit.Release();
        await EndHeartbeatsAsync().ConfigureAwait(false);
        handshake.End();
    }

    /// <summary>Whoever is connected gets heartbeats to the last.</summary>
    private ValueTask EndHeartbeatsAsync() => Volatile.Read(ref _stopped) == 1 && _open.IsEmpty ? _heartbeats.DisposeAsync() : ValueTask.CompletedTask;

    private async Task<MeshLink?> SettledAsync(string id, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.HandshakeTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await Nodes.WhenSettledAsync(id, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static LinkException Disposed() => new(LinkError.Disposed, "The node has been disposed.");
}

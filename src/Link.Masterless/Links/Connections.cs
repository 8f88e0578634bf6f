using System.Collections.Concurrent;
using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>All connections of one node, those included that are being made or closed: bounded, and closed together at the end. Safe for concurrent use.</summary>
/// <param name="options">The bounds.</param>
/// <param name="nodes">Where those are found that are chosen.</param>
/// <param name="events">Told of those that are chosen, and of ids that two nodes have.</param>
internal sealed class Connections(MeshOptions options, NodeTable nodes, IMeshEvents events) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Place, byte> _places = new();
    private readonly RecentlyClosed _recent = new(options.HandshakeTimeout, options.TimeProvider);
    private readonly CancellationTokenSource _disposal = new();

    /// <summary>Counts those that were accepted.</summary>
    public ConnectionLimit Accepted { get; } = new(options.MaxConnections);

    /// <summary>Counts those that were dialled.</summary>
    public ConnectionLimit Dialled { get; } = new(options.MaxConnections);

    /// <summary>Cancelled when the node is being disposed.</summary>
    public CancellationToken Disposal => _disposal.Token;

    /// <summary>Begins with a connection whose place in the limit has been taken.</summary>
    /// <exception cref="LinkException">The node has been disposed; the place has been given back.</exception>
    public Place Enter(ConnectionLimit limit)
    {
        var place = new Place(limit);
        _places.TryAdd(place, 0);

        // After it was added: disposal waits for what it finds.
        if (_disposal.IsCancellationRequested)
        {
            Leave(place);
            throw Disposed();
        }

        return place;
    }

    /// <summary>The connection was never made.</summary>
    public void Leave(Place place)
    {
        _places.TryRemove(place, out _);
        place.GiveBack();
    }

    /// <summary>Runs a handshake. Whatever comes of it, the place is given back when the connection has been closed.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the connection is being closed.</exception>
    public async Task<HandshakeResult> RunAsync(Handshake handshake, Place place, CancellationToken cancellationToken)
    {
        place.Handshake = handshake;
        var result = default(HandshakeResult);
        try
        {
            result = await handshake.RunAsync(cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch
        {
            Discard(handshake, place, wasRefused: false);
            throw;
        }

        if (result.Clash is { } clash)
        {
            events.OnFault(clash);
        }

        if (result.Link is { } link)
        {
            Open(link, place);
        }
        else
        {
            Discard(handshake, place, wasRefused: handshake.Role == Role.Connector && result is { MayBeDuplicate: true, ByPeer: true });
        }

        return result;
    }

    /// <summary>
    /// Whether there is a reason for a refusal that will pass: this node closes another connection with the node to which a dial has led, or has closed one a moment ago, which the
    /// peer may not have seen; or it shakes hands with it on another one, and does not know yet with whom.
    /// </summary>
    public bool IsBusy(Handshake dial) => _recent.Contains(dial) || _places.Keys.Any(
        place => place.Handshake is { } handshake && handshake != dial && handshake.LeadsToSamePlace(dial) && place.Link is not { Closed.IsCompleted: true } &&
            (handshake.Stage == Stage.Closed || (handshake.Role == Role.Connector && handshake.Stage != Stage.Connected)));

    /// <summary>What those are told who come too late.</summary>
    public static LinkException Disposed() => new(LinkError.Disposed, "The node has been disposed.");

    /// <summary>Ends what is being made, and refuses what comes; what is chosen goes on.</summary>
    public Task CancelAsync() => _disposal.CancelAsync();

    /// <summary>Ends when none is left.</summary>
    public async Task WhenEmptyAsync()
    {
        while (!_places.IsEmpty)
        {
            await Task.WhenAll(_places.Keys.Select(place => place.Free)).ConfigureAwait(false);
        }
    }

    /// <summary>Closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await CancelAsync().ConfigureAwait(false);
        while (!_places.IsEmpty)
        {
            await Task.WhenAll(_places.Keys.Select(CloseAsync)).ConfigureAwait(false);
        }
    }

    private static async Task CloseAsync(Place place)
    {
        if (place.Link is { } link)
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }

        await place.Free.ConfigureAwait(false);
    }

    private void Open(MeshLink link, Place place)
    {
        link.Holds.OnReleased = () =>
        {
            _recent.Add(link.Handshake);
            Leave(place);
        };
        place.Link = link;

        // In this order: who finds it in the table may rely on it that the events know it.
        events.OnConnected(link);
        nodes.Publish(link);

        // Disposal may have looked at the place just before.
        if (_disposal.IsCancellationRequested)
        {
            _ = link.DisposeAsync().AsTask();
        }
    }

    private void Discard(Handshake handshake, Place place, bool wasRefused)
    {
        nodes.Leave(handshake);
        if (!wasRefused)
        {
            _recent.Add(handshake);
        }

        _ = CloseAsync(handshake, place);
    }

    private async Task CloseAsync(Handshake handshake, Place place)
    {
        await handshake.Channel.DisposeAsync().ConfigureAwait(false);
        Leave(place);
    }
}

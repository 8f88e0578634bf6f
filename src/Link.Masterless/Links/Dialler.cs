using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>Dials other nodes, one attempt at a time for each address, and gives the one connection that there is in the end. Safe for concurrent use.</summary>
/// <param name="options">The bounds.</param>
/// <param name="nodes">The connections that are chosen.</param>
/// <param name="connections">All connections.</param>
/// <param name="begin">Makes the handshake of a dialled connection.</param>
/// <param name="isSelf">Whether a dial has led to this node.</param>
internal sealed class Dialler(
    MeshOptions options, NodeTable nodes, Connections connections, Func<Dial, PeerStream, Handshake> begin, Func<PeerStream, bool> isSelf)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);

    private readonly DialGate<Endpoint> _gate = new();
    private readonly EndpointOptions _endpoints = options.ForEndpoints();

    /// <summary>As <see cref="Mesh.ConnectAsync"/>.</summary>
    public async Task<MeshLink> ConnectAsync(Dial dial, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connections.Disposal);
        try
        {
            using var turn = await EnterAsync(dial.Address, either.Token).ConfigureAwait(false);
            return await ConnectInTurnAsync(dial, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Connections.Disposed();
        }
    }

    private async Task<DialGate<Endpoint>.Turn> EnterAsync(Endpoint address, CancellationToken cancellationToken)
    {
        // As long as one attempt may take: those before may all be in vain.
        var longest = options.ConnectTimeout + options.HandshakeTimeout;
        using var deadline = new CancellationTokenSource(longest, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await _gate.EnterAsync(address, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LinkException(
                LinkError.Timeout, $"{address} was not dialled: earlier attempts have not ended within {longest.TotalSeconds:0.###} s.");
        }
    }

    private async Task<MeshLink> ConnectInTurnAsync(Dial dial, CancellationToken cancellationToken)
    {
        var start = options.TimeProvider.GetTimestamp();
        for (var pause = FirstPause; ; pause *= 2)
        {
            if ((dial.Expected ?? nodes.DialledAt(dial.Address)) is { } id && nodes.Find(id) is { } existing)
            {
                return existing;
            }

            var (handshake, result) = await DialAsync(dial, cancellationToken).ConfigureAwait(false);

            // Looked at first: a handshake that ends in between is found as a rival.
            var isBusy = !dial.IsReturn && result.MayBeDuplicate && connections.IsBusy(handshake);
            if ((result.Link ?? await RivalAsync(dial, handshake, result, cancellationToken).ConfigureAwait(false)) is { } link)
            {
                return link;
            }

            if (StrangerAt(dial, handshake, result) is { } stranger)
            {
                throw stranger;
            }

            if (!isBusy || options.TimeProvider.GetElapsedTime(start) + pause > options.HandshakeTimeout)
            {
                throw result.Failure!;
            }

            await Task.Delay(pause, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(Handshake Handshake, HandshakeResult Result)> DialAsync(Dial dial, CancellationToken cancellationToken)
    {
        var (address, expected, _, _, _) = dial;

        // Where a peer says that it listens, this node goes only while there is room: strangers must not take all places by what they say.
        if (!connections.Dialled.TryTake(dial.IsAnnounced ? -options.MaxConnections / 4 : 0))
        {
            throw new LinkException(LinkError.Overloaded, $"{address} was not dialled: {options.MaxConnections} connections are already open.");
        }

        var place = connections.Enter(connections.Dialled);
        PeerStream stream;
        try
        {
            stream = await StreamDialer.DialAsync(address, expected ?? address.ToString(), _endpoints, cancellationToken).ConfigureAwait(false);
            if (isSelf(stream))
            {
                await stream.Stream.DisposeAsync().ConfigureAwait(false);
                throw new LinkException(LinkError.NoSuchPeer, $"{address} is this node itself.", peer: stream.Peer with { Name = nodes.OwnId });
            }
        }
        catch
        {
            connections.Leave(place);
            throw;
        }

        var handshake = begin(dial, stream);
        return (handshake, await connections.RunAsync(handshake, place, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What to say when a dial was refused because another node than the one that was expected is there, and connected; otherwise null.</summary>
    private LinkException? StrangerAt(Dial dial, Handshake handshake, HandshakeResult result) =>
        result.MayBeDuplicate && dial.Expected is { } expected && nodes.KnownAt(handshake) is { } id && id != expected && nodes.Find(id) is not null
            ? handshake.IsOfStranger(id)
            : null;

    /// <summary>The connection because of which a dial was refused, when both sides have chosen it; null when there is none.</summary>
    private async Task<MeshLink?> RivalAsync(Dial dial, Handshake handshake, HandshakeResult result, CancellationToken cancellationToken)
    {
        if (!result.MayBeDuplicate || (handshake.RemoteId ?? dial.Expected ?? nodes.KnownAt(handshake)) is not { } id)
        {
            return null;
        }

        using var deadline = new CancellationTokenSource(options.HandshakeTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await nodes.WhenSettledAsync(id, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}

/// <summary>Whom to dial.</summary>
/// <param name="Address">Where.</param>
/// <param name="Expected">The id that must answer, or null.</param>
/// <param name="Keeps">Whether the user wants to keep a connection that comes of it.</param>
/// <param name="IsReturn">Whether it is the one attempt to connect again after a loss.</param>
/// <param name="IsAnnounced">Whether nobody but the peer has said that address.</param>
internal readonly record struct Dial(Endpoint Address, string? Expected, bool Keeps, bool IsReturn = false, bool IsAnnounced = false);

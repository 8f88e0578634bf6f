using System.Threading.Channels;
using Link.Abstractions;

namespace Link.Flic;

/// <summary>
/// Requests and replies between nodes of a bridge of flic, Link's or an original (SPEC.md, "flic: a Server over a bridge"): a name is a node, a request
/// is a TELL of the event <c>message</c>, its acknowledgement the reply. Other nodes may be plain JavaScript. Safe for concurrent use as
/// <see cref="ITransport"/> says.
/// </summary>
/// <remarks>
/// One connection to a peer serves all dials. A name that is given up stays taken while somebody waits for an answer through it, at most for
/// <see cref="FlicNodeOptions.TellTimeout"/>; the other connections through it end.
/// </remarks>
public sealed class FlicTransport : ITransport
{
    private const double Jitter = 0.2;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);

    private readonly FlicNodeOptions _options;
    private readonly NodeLinkOptions _link;
    private readonly Arrivals _arrivals;
    private readonly CancellationTokenSource _disposal = new();
    private readonly Lock _gate = new();
    private readonly HashSet<NodePlace> _places = [];
    private CancellationTokenSource? _binding;
    private NodePlace? _bound;
    private Task<NodePlace>? _anonymous;
    private Task? _disposing;

    /// <summary>Makes a transport that is neither bound nor connected.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public FlicTransport(FlicNodeOptions? options = null)
    {
        _options = options ?? new FlicNodeOptions();
        _options.Validate();
        _link = _options.ForLink();
        _arrivals = new Arrivals(_options);
    }

    /// <inheritdoc/>
    public ChannelReader<LinkException> Faults => _arrivals.Faults;

    /// <inheritdoc/>
    public long LostFaults => _arrivals.LostFaults;

    /// <summary>Registers the name at the bridge.</summary>
    /// <exception cref="LinkException">
    /// The name is taken (<see cref="LinkError.NameUnavailable"/>), or there is no bridge (<see cref="LinkError.NoSuchPeer"/>, <see cref="LinkError.Timeout"/>).
    /// </exception>
    /// <exception cref="ArgumentException">The name is empty or holds a colon, which separates it from the event in flic.</exception>
    /// <exception cref="InvalidOperationException">Already bound.</exception>
    public async ValueTask BindAsync(string name, CancellationToken cancellationToken = default)
    {
        ThrowIfNoName(name);
        ThrowIfDisposed();
        if (_binding is not null)
        {
            throw new InvalidOperationException("The transport is already bound.");
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        NodePlace place;
        try
        {
            place = await NodePlace.OpenAsync(name, accepts: true, _link, _arrivals, linked.Token).ConfigureAwait(false);
        }
        catch (LinkException exception)
        {
            throw new LinkException(exception.Error, $"The name {name} cannot be had. {exception.Message}", innerException: exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Disposed();
        }

        var binding = new CancellationTokenSource();
        if (!TryKeep(place, binding))
        {
            binding.Dispose();
            await place.FinishAsync(endsIdle: true).ConfigureAwait(false);
            throw Disposed();
        }
    }

    /// <inheritdoc/>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        NodePlace? place;
        lock (_gate)
        {
            place = _bound;
            _bound = null;
            _binding?.Cancel();
            _binding = null;
        }

        if (place is not null)
        {
            await place.FinishAsync(endsIdle: true).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IConnection> ConnectAsync(string peer, CancellationToken cancellationToken = default)
    {
        ThrowIfNoName(peer);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        try
        {
            while (true)
            {
                var place = FindBound() ?? await GetAnonymousAsync(linked.Token).ConfigureAwait(false);
                if (await place.DialAsync(peer, linked.Token).ConfigureAwait(false) is { } conversation)
                {
                    return conversation;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Disposed();
        }
    }

    /// <inheritdoc/>
    public ValueTask<IConnection?> AcceptAsync(CancellationToken cancellationToken = default) => _arrivals.TakeAsync(cancellationToken);

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
        await _disposal.CancelAsync().ConfigureAwait(false);
        await UnbindAsync(CancellationToken.None).ConfigureAwait(false);
        await _arrivals.CompleteAsync().ConfigureAwait(false);
        NodePlace[] places;
        lock (_gate)
        {
            places = [.. _places];
        }

        await Task.WhenAll(places.Select(place => place.FinishAsync(endsIdle: false))).ConfigureAwait(false);
        _arrivals.CompleteFaults();
    }

    private NodePlace? FindBound()
    {
        lock (_gate)
        {
            return _bound is { IsOpen: true } bound ? bound : null;
        }
    }

    private async Task<NodePlace> GetAnonymousAsync(CancellationToken cancellationToken)
    {
        Task<NodePlace> opening;
        lock (_gate)
        {
            if (_anonymous is null or { IsCompleted: true, IsCompletedSuccessfully: false } or { IsCompletedSuccessfully: true, Result.IsOpen: false })
            {
                _anonymous = Task.Run(OpenAnonymousAsync, CancellationToken.None);
            }

            opening = _anonymous;
        }

        return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<NodePlace> OpenAnonymousAsync()
    {
        var place = await NodePlace.OpenAsync(Guid.NewGuid().ToString(), accepts: false, _link, _arrivals, _disposal.Token).ConfigureAwait(false);
        if (!TryKeep(place, binding: null))
        {
            await place.FinishAsync(endsIdle: true).ConfigureAwait(false);
            throw Disposed();
        }

        return place;
    }

    /// <summary>Keeps a place until it is over; false when it is not wanted any more.</summary>
    private bool TryKeep(NodePlace place, CancellationTokenSource? binding)
    {
        lock (_gate)
        {
            if (_disposing is not null || binding is { IsCancellationRequested: true })
            {
                return false;
            }

            _places.Add(place);
            if (binding is not null)
            {
                _binding = binding;
                _bound = place;
            }
        }

        _ = WatchAsync(place, binding);
        return true;
    }

    /// <summary>Waits until a place is over, and has the name registered again if that is asked for.</summary>
    private async Task WatchAsync(NodePlace place, CancellationTokenSource? binding)
    {
        var failure = await place.Over.ConfigureAwait(false);
        bool wasBound;
        lock (_gate)
        {
            _places.Remove(place);
            wasBound = _bound == place;
            if (wasBound)
            {
                _bound = null;
            }
        }

        if (!wasBound && failure is null)
        {
            return;
        }

        var consequence = !wasBound ? ""
            : _options.Reconnect ? $" The name {place.Name} is being registered again." : $" The name {place.Name} can no longer be reached.";
        _arrivals.Report(new LinkException(
            LinkError.ConnectionLost, $"{failure?.Message ?? $"{place.Bridge} has closed."}{consequence}", RequestFate.Unknown, place.Bridge, failure));
        if (wasBound && _options.Reconnect)
        {
            await ReturnAsync(place.Name, binding!).ConfigureAwait(false);
        }
    }

    private async Task ReturnAsync(string name, CancellationTokenSource binding)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(binding.Token, _disposal.Token);
        var pause = _options.ConnectBackoff > ShortestPause ? _options.ConnectBackoff : ShortestPause;
        while (!linked.IsCancellationRequested)
        {
            try
            {
                var jittered = pause * (1 + (Jitter * ((Random.Shared.NextDouble() * 2) - 1)));
                await Task.Delay(jittered, _options.TimeProvider, linked.Token).ConfigureAwait(false);
                var place = await NodePlace.OpenAsync(name, accepts: true, _link with { ConnectAttempts = 1 }, _arrivals, linked.Token).ConfigureAwait(false);
                if (!TryKeep(place, binding))
                {
                    await place.FinishAsync(endsIdle: true).ConfigureAwait(false);
                }

                return;
            }
            catch (LinkException)
            {
                // No bridge yet, or it has not noticed yet that the node of this name was lost.
                pause = pause * 2 < _options.MaxReconnectBackoff ? pause * 2 : _options.MaxReconnectBackoff;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static void ThrowIfNoName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException($"{name} is no name of a node: a colon separates the name from the event.", nameof(name));
        }
    }

    private void ThrowIfDisposed()
    {
        if (_disposal.IsCancellationRequested)
        {
            throw Disposed();
        }
    }

    private static LinkException Disposed() => new(LinkError.Disposed, "The transport has been disposed.");
}

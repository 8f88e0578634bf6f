using System.Collections.Concurrent;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Logging;
using Link.Streams.Endpoints;
using Microsoft.Extensions.Logging;

namespace Link.Flic;

/// <summary>
/// A bridge as npm's flic 1.3.7 has it: nodes connect to it, register a name, and talk through it. It speaks to nodes of flic and of Link. For one
/// run: once closed, it cannot be started again. Safe for concurrent use. Events are raised one after the other, outside of what reads
/// connections; a handler that is slow delays only other events, which are logged and left out when too many wait.
/// </summary>
public sealed class FlicBridge : IAsyncDisposable
{
    private readonly FlicBridgeOptions _options;
    private readonly ILogger _logger;
    private readonly ConnectionLimit _limit;
    private readonly ConcurrentDictionary<BridgeNode, bool> _nodes = new();
    private readonly Lock _gate = new();
    private BridgeEvents? _events;
    private Switchboard? _switchboard;
    private StreamAcceptor? _acceptor;
    private Task? _closing;
    private bool _starting;

    /// <summary>Makes a bridge that does not listen yet.</summary>
    /// <exception cref="ArgumentException">An option is null or outside its range.</exception>
    public FlicBridge(FlicBridgeOptions? options = null)
    {
        _options = options ?? new FlicBridgeOptions();
        _options.Validate();
        _logger = new GuardedLogger(_options.LoggerFactory.CreateLogger<FlicBridge>());
        _limit = new ConnectionLimit(_options.MaxNodes);
    }

    /// <summary>A name was registered.</summary>
    public event EventHandler<FlicNodeEventArgs>? NodeJoined;

    /// <summary>A name is free again: its node has left, or its connection has ended.</summary>
    public event EventHandler<FlicNodeEventArgs>? NodeLeft;

    /// <summary>A frame was dropped, or a connection closed because of an error. The bridge and all other nodes go on.</summary>
    public event EventHandler<FlicErrorEventArgs>? Error;

    /// <summary>Where it listens, with the port that the operating system chose; null before it is started and after it is closed.</summary>
    public Endpoint? Endpoint
    {
        get
        {
            lock (_gate)
            {
                return _closing is null ? _acceptor?.Endpoint : null;
            }
        }
    }

    /// <summary>The registered names, as they are now.</summary>
    public IReadOnlyCollection<string> Nodes => _switchboard?.Names.Names ?? [];

    /// <summary>Begins to listen. After it has failed, it may be tried again.</summary>
    /// <returns>Where it listens, with the port that the operating system chose.</returns>
    /// <exception cref="LinkException">
    /// The port is taken (<see cref="LinkError.NameUnavailable"/>), would be open to the network without TLS (<see cref="LinkError.Untrusted"/>),
    /// or the bridge has been closed (<see cref="LinkError.Disposed"/>).
    /// </exception>
    /// <exception cref="InvalidOperationException">It has been started already.</exception>
    /// <exception cref="ArgumentException">It is to have TLS, and the options name no certificate.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing listens.</exception>
    public async Task<Endpoint> StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BeginStart();
        try
        {
            var listener = await StreamListener.ListenAsync(_options.ListenEndpoint(), _options.ForEndpoints(), cancellationToken).ConfigureAwait(false);
            return Accept(listener);
        }
        finally
        {
            lock (_gate)
            {
                _starting = false;
            }
        }
    }

    /// <summary>
    /// Stops listening, tells every node with a CLOSE, and closes all connections once that is sent, or after the bounds of the options. Further calls
    /// do nothing but wait for the first. Events of the end may still be raised afterwards.
    /// </summary>
    /// <param name="parting">What the nodes are given with it.</param>
    /// <exception cref="LinkException">The parting data cannot be written as JSON (<see cref="LinkError.InvalidData"/>); nothing is closed.</exception>
    public Task CloseAsync(params object?[] parting)
    {
        using var items = new PooledBuffer();
        foreach (var item in parting ?? [null])
        {
            items.Write(items.Length == 0 ? [] : ","u8);
            NewtonsoftSerializer.Default.Serialize(items, item);
        }

        lock (_gate)
        {
            return _closing ??= CloseCoreAsync(items.WrittenSpan.ToArray());
        }
    }

    /// <summary>The same as <see cref="CloseAsync"/> without parting data.</summary>
    public ValueTask DisposeAsync() => new(CloseAsync());

    private void BeginStart()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            if (_starting || _acceptor is not null)
            {
                throw new InvalidOperationException("The bridge has been started already.");
            }

            _starting = true;
        }
    }

    private Endpoint Accept(IStreamListener listener)
    {
        lock (_gate)
        {
            try
            {
                ThrowIfClosed();
            }
            catch
            {
                listener.Dispose();
                throw;
            }

            _events = new BridgeEvents(Raise, _logger);
            _switchboard = new Switchboard(_options, _events);
            _acceptor = new StreamAcceptor(listener, _limit, Take, error => _events.Report(error, error.Peer), _options.TimeProvider);
        }

        BridgeLog.Started(_logger, listener.Endpoint);
        return listener.Endpoint;
    }

    private void Take(PeerStream stream)
    {
        var node = new BridgeNode(stream, _options);
        lock (_gate)
        {
            if (_closing is not null)
            {
                var closed = Closed();
                node.Fail(closed);
                _ = node.CloseAsync();
                throw closed;
            }

            _nodes[node] = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static run => _ = run.Bridge.RunAsync(run.Node), (Bridge: this, Node: node), preferLocal: false);
    }

    private async Task RunAsync(BridgeNode node)
    {
        var cause = await new BridgeReader(node, _switchboard!).RunAsync().ConfigureAwait(false);
        _switchboard!.End(node, cause);
        await node.CloseAsync().ConfigureAwait(false);
        _nodes.TryRemove(node, out _);
        _limit.Release();
        node.Ended.TrySetResult();
    }

    private async Task CloseCoreAsync(byte[] parting)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (_acceptor is null)
        {
            return;
        }

        await _acceptor.DisposeAsync().ConfigureAwait(false);
        _switchboard!.Close(parting);
        var nodes = _nodes.Keys;
        await Task.WhenAll(nodes.Select(node => node.CloseAsync())).ConfigureAwait(false);
        await Task.WhenAll(nodes.Select(node => node.Ended.Task)).ConfigureAwait(false);
        BridgeLog.Closed(_logger, _acceptor.Endpoint);
        _events!.Complete();
    }

    private void Raise(BridgeEvent happened)
    {
        switch (happened.Kind)
        {
            case BridgeEventKind.Joined:
                Raise(NodeJoined, new FlicNodeEventArgs(happened.Name!, happened.Peer!, happened.Error));
                break;
            case BridgeEventKind.Left:
                Raise(NodeLeft, new FlicNodeEventArgs(happened.Name!, happened.Peer!, happened.Error));
                break;
            default:
                Raise(Error, new FlicErrorEventArgs(happened.Error!, happened.Peer));
                break;
        }
    }

    private void Raise<TArgs>(EventHandler<TArgs>? handlers, TArgs args)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(this, args);
            }
            catch (Exception exception)
            {
                BridgeLog.HandlerFailed(_logger, exception);
            }
        }
    }

    private void ThrowIfClosed()
    {
        if (_closing is not null)
        {
            throw Closed();
        }
    }

    private static LinkException Closed() => new(LinkError.Disposed, "The bridge has been closed.");
}

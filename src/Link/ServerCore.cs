using Link.Abstractions;
using Link.Dispatching;
using Link.Logging;
using Microsoft.Extensions.Logging;

namespace Link;

/// <summary>The parts of a server and their common life. Safe for concurrent use.</summary>
internal sealed class ServerCore
{
    private static int _live;

    private readonly Server _server;
    private readonly ServerOptions _options;
    private readonly ITransport _transport;
    private readonly ILogger _logger;
    private readonly SessionContext _context;
    private readonly Dialler _dialler;
    private readonly EventPump _events;
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private readonly CancellationTokenSource _disposal = new();
    private readonly Lock _gate = new();
    private Task? _disposed;

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The process already has a live server.</exception>
    public ServerCore(Server server, ServerOptions options)
    {
        options.Validate();
        _server = server;
        _options = options;
        _transport = options.CreateTransport();
        _logger = new GuardedLogger(options.LoggerFactory.CreateLogger<Server>());
        _events = new EventPump(exception => Log.EventHandlerFailed(_logger, server.Name, exception));
        _dialler = new Dialler(_transport, options);
        Handler = new MessageHandler(OnHandlerFailed);
        Sessions = new SessionTable(_transport, connection => new Session(connection, _context!), OnFault);
        Peers = new PeerTable(DialAsync);
        Deadlines = new Deadlines(options.TimeProvider, Sessions.EndOverdue);
        Requester = new Requester(options.Id ?? server.Name, options, Peers, Deadlines);
        _context = new SessionContext
        {
            Options = options,
            Slots = new HandlerSlots(options.HandlerConcurrency),
            Deadlines = Deadlines,
            Watchdog = new Watchdog(),
            Counters = new Counters(),
            Handle = Handler.HandleAsync,
            Began = OnSessionBegan,
            Ended = OnSessionEnded,
        };
        if (!options.AllowMultiple && Interlocked.CompareExchange(ref _live, 1, 0) != 0)
        {
            throw new InvalidOperationException(
                "This process already has a server. Use that one, dispose it first, or set ServerOptions.AllowMultiple.");
        }
    }

    public MessageHandler Handler { get; }

    public SessionTable Sessions { get; }

    public PeerTable Peers { get; }

    public Deadlines Deadlines { get; }

    public Requester Requester { get; }

    public bool IsStarted { get; private set; }

    public bool IsDisposed => Volatile.Read(ref _disposed) is not null;

    public ServerStatistics Statistics => new()
    {
        PendingRequests = Sessions.All.Sum(session => session.Pending.Count),
        RunningHandlers = _context.Slots.Running,
        UnknownReplies = _context.Counters.UnknownReplies,
        RefusedRequests = _context.Counters.RefusedRequests,
        TransportFaults = _context.Counters.Faults + _transport.LostFaults,
        LostEvents = _events.Lost,
    };

    public async Task StartAsync(string? reason, CancellationToken cancellationToken)
    {
        await _lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(IsDisposed, _server);
            if (IsStarted)
            {
                throw new InvalidOperationException($"The server {_server.Name} is already started.");
            }

            Sessions.Run();
            await _transport.BindAsync(_server.Name, cancellationToken).ConfigureAwait(false);
            IsStarted = true;
        }
        finally
        {
            _lifecycle.Release();
        }

        Log.Started(_logger, _server.Name);
        _events.Post(() => _server.RaiseStarted(new ServerEventArgs(reason)));
    }

    public async Task StopAsync(string? reason, CancellationToken cancellationToken)
    {
        await _lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!IsStarted)
            {
                return;
            }

            await _transport.UnbindAsync(cancellationToken).ConfigureAwait(false);
            IsStarted = false;
        }
        finally
        {
            _lifecycle.Release();
        }

        Log.Stopped(_logger, _server.Name);
        _events.Post(() => _server.RaiseStopped(new ServerEventArgs(reason)));
    }

    public Task DisposeAsync()
    {
        lock (_gate)
        {
            return _disposed ??= Task.Run(DisposeCoreAsync);
        }
    }

    /// <summary>What every call gets once the server is disposed.</summary>
    public LinkException Disposed() => new(LinkError.Disposed, $"The server {_server.Name} has been disposed.");

    private async Task DisposeCoreAsync()
    {
        await _disposal.CancelAsync().ConfigureAwait(false);
        await StopAsync(null, CancellationToken.None).ConfigureAwait(false);
        if (!await _context.Slots.DrainAsync(_options.DrainTimeout, _options.TimeProvider).ConfigureAwait(false))
        {
            Log.NotDrained(_logger, _server.Name, _options.DrainTimeout);
        }

        await Sessions.CloseAsync(Disposed()).ConfigureAwait(false);
        Deadlines.Dispose();
        _context.Watchdog.Dispose();
        await _events.CompleteAsync(_options.DrainTimeout, _options.TimeProvider).ConfigureAwait(false);
        if (!_options.AllowMultiple)
        {
            Volatile.Write(ref _live, 0);
        }
    }

    private async Task<Session> DialAsync(string peer, CancellationToken givenUp)
    {
        Sessions.Run();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(givenUp, _disposal.Token);
        try
        {
            return Sessions.Start(await _dialler.DialAsync(peer, either.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (_disposal.IsCancellationRequested)
        {
            throw Disposed();
        }
    }

    private void OnSessionBegan(Session session)
    {
        Sessions.Add(session);
        Log.Connected(_logger, _server.Name, session.Peer);
        _events.Post(() => _server.RaisePeerConnected(new PeerEventArgs(session.Peer)));
    }

    private void OnSessionEnded(Session session, LinkException? failure)
    {
        Sessions.Remove(session);
        if (session.Peer.Name is { } name)
        {
            Peers.Remove(name, session);
        }

        Log.Disconnected(_logger, _server.Name, session.Peer, failure);
        _events.Post(() => _server.RaisePeerDisconnected(new PeerEventArgs(session.Peer, failure)));
        if (failure is { Error: not (LinkError.ConnectionLost or LinkError.Disposed) })
        {
            OnFault(failure);
        }
    }

    private void OnFault(LinkException fault)
    {
        _context.Counters.CountFault();
        Log.Fault(_logger, _server.Name, fault.Message, fault);
        _events.Post(() => _server.RaiseError(new ServerErrorEventArgs(fault, fault.Peer)));
    }

    private void OnHandlerFailed(Exception exception, Peer peer)
    {
        Log.HandlerFailed(_logger, _server.Name, peer, exception);
        _events.Post(() => _server.RaiseError(new ServerErrorEventArgs(exception, peer)));
    }
}

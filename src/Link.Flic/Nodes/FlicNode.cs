using Link.Abstractions;
using Link.Handlers;
using Link.Logging;
using Microsoft.Extensions.Logging;

namespace Link.Flic;

/// <summary>
/// A node of npm's flic: it registers a name at a bridge, tells other nodes events and answers theirs. Handlers start in the order of arrival, never on
/// the thread that receives, and run side by side at their awaits: one that blocks its thread holds up those behind it. Safe for concurrent use.
/// </summary>
public sealed class FlicNode : IAsyncDisposable
{
    private readonly FlicNodeOptions _options;
    private readonly ILogger _logger;
    private readonly NodeLife _life;
    private long _lost;

    /// <summary>A node at the bridge on 127.0.0.1:8221.</summary>
    /// <param name="id">Its name; without one it takes a new uuid.</param>
    public FlicNode(string? id = null)
        : this(null, id)
    {
    }

    /// <summary>A node at the bridge of the options.</summary>
    /// <param name="options">Checked here; null for the defaults.</param>
    /// <param name="id">Its name; without one it takes a new uuid.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or the name is empty.</exception>
    public FlicNode(FlicNodeOptions? options, string? id = null)
    {
        if (id is { Length: 0 })
        {
            throw new ArgumentException("A name must not be empty; without one the node takes a new uuid.", nameof(id));
        }

        _options = options ?? new FlicNodeOptions();
        _options.Validate();
        Id = id ?? Guid.NewGuid().ToString();
        _logger = new GuardedLogger(_options.LoggerFactory.CreateLogger(typeof(FlicNode).FullName!));
        Handlers = new NodeHandlers(this, _options, _logger);
        _life = new NodeLife(this, _options, _logger);
    }

    /// <summary>
    /// The bridge stops; once for each connection. Its connections are closed next; an original bridge leaves them open. When too much waits for the
    /// handlers of the node it comes without its data, and <see cref="Error"/> says so.
    /// </summary>
    public event EventHandler<FlicClosedEventArgs>? Closed;

    /// <summary>The connection to the bridge has ended, not by this node's doing; what waited for an answer has failed.</summary>
    public event EventHandler<FlicDisconnectedEventArgs>? Disconnected;

    /// <summary>The name is registered again, as <see cref="FlicNodeOptions.Reconnect"/> says.</summary>
    public event EventHandler<EventArgs>? Reconnected;

    /// <summary>Something went wrong that belongs to no call.</summary>
    public event EventHandler<FlicNodeErrorEventArgs>? Error;

    /// <summary>The name.</summary>
    public string Id { get; }

    /// <summary>Whether the name is registered, and the connection up.</summary>
    public bool IsConnected => _life.IsConnected;

    internal NodeHandlers Handlers { get; }

    /// <summary>
    /// Connects and registers the name. What is told meanwhile waits for it. May be called again after it has failed, and after the connection was
    /// lost; a refused name ends the node.
    /// </summary>
    /// <exception cref="LinkException">
    /// There is no bridge (<see cref="LinkError.NoSuchPeer"/>), it does not answer (<see cref="LinkError.Timeout"/>), or the name is taken
    /// (<see cref="LinkError.NameUnavailable"/>, duplicate-node). Or the node has left or was disposed (<see cref="LinkError.Disposed"/>).
    /// </exception>
    /// <exception cref="InvalidOperationException">It is connected or being connected already.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left behind.</exception>
    public Task ConnectAsync(CancellationToken cancellationToken = default) => _life.ConnectAsync(cancellationToken);

    /// <summary>
    /// Calls the handler for every event of that name that is told or shouted. Several run in the order in which they were added. An event that is
    /// told and has no handler is answered with the error unknown-event; a handler that throws before it has answered, with handler-failed.
    /// </summary>
    public void On(string @event, Func<FlicMessage, Task> handler) => Add(@event, handler);

    /// <summary>The same with a handler that has nothing to wait for, as those of shouts.</summary>
    /// <inheritdoc cref="On(string, Func{FlicMessage, Task})"/>
    public void On(string @event, Action<FlicMessage> handler) => Add(@event, handler);

    /// <summary>Removes all handlers of the event.</summary>
    public void Off(string @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        Handlers.Remove(@event, null);
    }

    /// <summary>Removes the handler from the event.</summary>
    public void Off(string @event, Func<FlicMessage, Task> handler) => Remove(@event, handler);

    /// <summary>Removes the handler from the event.</summary>
    public void Off(string @event, Action<FlicMessage> handler) => Remove(@event, handler);

    /// <inheritdoc cref="TellAsync(string, IReadOnlyList{object?}, CancellationToken)"/>
    public Task<FlicArguments> TellAsync(string target, params object?[]? args) => TellAsync(target, args ?? [null], CancellationToken.None);

    /// <summary>Tells one node an event, and waits for its answer.</summary>
    /// <param name="target"><c>node:event</c>, with exactly one colon.</param>
    /// <param name="args">The arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What the answer says after its error, which was null.</returns>
    /// <exception cref="ArgumentException">The target has not exactly one colon.</exception>
    /// <exception cref="InvalidOperationException">The node was never connected.</exception>
    /// <exception cref="FlicException">The answer begins with an error.</exception>
    /// <exception cref="LinkException">
    /// There is no such node (<see cref="LinkError.NoSuchPeer"/>, unknown-node), it or the bridge was lost (<see cref="LinkError.ConnectionLost"/>), no
    /// answer came in time (<see cref="LinkError.Timeout"/>), a bound is reached (<see cref="LinkError.Overloaded"/>, <see cref="LinkError.TooLarge"/>),
    /// or an argument is not to be written as JSON (<see cref="LinkError.InvalidData"/>). <see cref="LinkException.Fate"/> says whether it may have run.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the inner <see cref="LinkException"/> says whether it may have run.</exception>
    public async Task<FlicArguments> TellAsync(string target, IReadOnlyList<object?> args, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(args);
        cancellationToken.ThrowIfCancellationRequested();
        var parsed = TellTarget.Parse(target);
        var text = Arguments.Write(args, _options.Serializer);
        return await _life.Session().TellAsync(parsed, text, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="TellAndForgetAsync(string, IReadOnlyList{object?}, CancellationToken)"/>
    public Task TellAndForgetAsync(string target, params object?[]? args) => TellAndForgetAsync(target, args ?? [null], CancellationToken.None);

    /// <summary>Tells one node an event, and waits for no answer. One that begins with an error raises <see cref="Error"/>.</summary>
    /// <param name="target"><c>node:event</c>, with exactly one colon.</param>
    /// <param name="args">The arguments.</param>
    /// <param name="cancellationToken">Ends the wait for the connection; what is told then may still be sent.</param>
    /// <returns>Ends when it is handed over.</returns>
    /// <exception cref="ArgumentException">The target has not exactly one colon.</exception>
    /// <exception cref="InvalidOperationException">The node was never connected.</exception>
    /// <exception cref="LinkException">It was not sent.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task TellAndForgetAsync(string target, IReadOnlyList<object?> args, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(args);
        cancellationToken.ThrowIfCancellationRequested();
        var parsed = TellTarget.Parse(target);
        var text = Arguments.Write(args, _options.Serializer);
        await _life.Session().TellAndForgetAsync(parsed, text).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells all other nodes an event. Nobody answers.</summary>
    /// <param name="event">The event.</param>
    /// <param name="args">The arguments.</param>
    /// <returns>Ends when it is handed over.</returns>
    /// <exception cref="InvalidOperationException">The node was never connected.</exception>
    /// <exception cref="LinkException">It was not sent.</exception>
    public async Task ShoutAsync(string @event, params object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(@event);
        var text = Arguments.Write(@event, args ?? [null], _options.Serializer);
        await _life.Session().ShoutAsync(text).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives the name up and closes; the node has ended then. What still waits for an answer fails (<see cref="LinkError.ConnectionLost"/>), and what is
    /// told from then on, too (<see cref="LinkError.Disposed"/>).
    /// </summary>
    /// <param name="force">Whether it closes without a word, and the bridge frees the name when it sees the end.</param>
    public Task LeaveAsync(bool force = false) => _life.LeaveAsync(force);

    /// <summary>
    /// Lets the handlers that run come to an end, within <see cref="FlicNodeOptions.DrainTimeout"/>, and leaves. Does not wait for them when it is called
    /// by one of them. May be called more than once.
    /// </summary>
    public ValueTask DisposeAsync() => new(_life.DisposeAsync());

    /// <summary>Logs and raises <see cref="Error"/>. Never throws; may be called on a receive loop.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="bytes">What it holds in memory of what a peer has sent.</param>
    internal void Report(Exception error, long bytes = 0)
    {
        Log(error);
        Require(Handlers.Pump.TryPost(PumpKind.Error, () => Raise(Error, new FlicNodeErrorEventArgs(error), nameof(Error)), bytes), nameof(Error));
    }

    internal void OnClosed(NodeSession session, FlicArguments parting, long bytes)
    {
        if (!TryPostClosed(parting, bytes))
        {
            // The event is worth more than what comes with it.
            Require(TryPostClosed(new FlicArguments(default, 0, _options.Serializer), 0), nameof(Closed));
            Report(new LinkException(
                LinkError.Overloaded, $"What {session.Bridge} was closed with was dropped: too much waits for the handlers of {Id}.", peer: session.Bridge));
        }
    }

    internal void OnRegistered(NodeSession session) => _life.OnRegistered(session);

    internal void OnLost(NodeSession session) => _life.OnLost(session);

    internal void OnDisconnected(LinkException error) =>
        PostLife(() => Raise(Disconnected, new FlicDisconnectedEventArgs(error), nameof(Disconnected)), nameof(Disconnected));

    internal void OnReconnected() => PostLife(() => Raise(Reconnected, EventArgs.Empty, nameof(Reconnected)), nameof(Reconnected));

    private void Add(string @event, Delegate handler)
    {
        ArgumentNullException.ThrowIfNull(@event);
        ArgumentNullException.ThrowIfNull(handler);
        Handlers.Add(@event, handler);
    }

    private void Remove(string @event, Delegate handler)
    {
        ArgumentNullException.ThrowIfNull(@event);
        ArgumentNullException.ThrowIfNull(handler);
        Handlers.Remove(@event, handler);
    }

    private bool TryPostClosed(FlicArguments parting, long bytes) =>
        Handlers.Pump.TryPost(PumpKind.Life, () => Raise(Closed, new FlicClosedEventArgs(parting), nameof(Closed)), bytes);

    private void PostLife(Action raise, string name) => Require(Handlers.Pump.TryPost(PumpKind.Life, raise, 0), name);

    private void Require(bool isPosted, string name)
    {
        if (!isPosted)
        {
            NodeLog.EventLost(_logger, name, Interlocked.Increment(ref _lost));
        }
    }

    private void Log(Exception error)
    {
        if (error is FlicHandlerException)
        {
            NodeLog.HandlerFailed(_logger, error.Message, error);
        }
        else
        {
            NodeLog.Fault(_logger, error.Message, error);
        }
    }

    private void Raise<TArgs>(EventHandler<TArgs>? handlers, TArgs args, string name)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(this, args);
            }
            catch (Exception exception)
            {
                var failed = FlicHandlerException.OfLocal(name, exception);
                if (args is FlicNodeErrorEventArgs)
                {
                    // Not reported by the event that it came out of.
                    Log(failed);
                }
                else
                {
                    Report(failed);
                }
            }
        }
    }
}

using Link.Abstractions;
using Microsoft.Extensions.Logging;

namespace Link.Flic;

/// <summary>The connections of a <see cref="FlicNode"/>, one after the other, and its end. Safe for concurrent use.</summary>
internal sealed class NodeLife(FlicNode node, FlicNodeOptions options, ILogger logger)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);

    private readonly NodeLinkOptions _linkOptions = options.ForLink();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private NodeSession? _session;
    private NodeSession? _last;
    private LinkException? _loss;
    private LinkException? _end;
    private bool _reconnecting;
    private Task? _leaving;
    private Task? _disposal;

    /// <summary>Whether the name is registered, and the connection up.</summary>
    public bool IsConnected
    {
        get
        {
            lock (_gate)
            {
                return _session is { IsOpen: true };
            }
        }
    }

    /// <summary>The connection that is made or being made for the first time.</summary>
    /// <exception cref="InvalidOperationException">There was never one.</exception>
    /// <exception cref="LinkException">There is none any more, or not now.</exception>
    public NodeSession Session()
    {
        lock (_gate)
        {
            if (_session is { } session)
            {
                return session;
            }

            throw (_end ?? _loss)?.For(RequestFate.NotSent) ??
                (Exception)new InvalidOperationException($"The node {node.Id} is not connected: call ConnectAsync first.");
        }
    }

    /// <summary>Connects for the first time, or again after a failure or a loss.</summary>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var session = Begin();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        try
        {
            await session.OpenAsync(_linkOptions, either.Token).ConfigureAwait(false);
            NodeLog.Registered(logger, node.Id, session.Bridge);
        }
        catch (Exception exception)
        {
            Drop(session, exception);
            lock (_gate)
            {
                if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested && _end is not null)
                {
                    throw _end.For(RequestFate.NotSent);
                }
            }

            throw;
        }
    }

    /// <summary>A connection that was made has ended.</summary>
    public void OnLost(NodeSession session)
    {
        LinkException cause;
        lock (_gate)
        {
            if (_session != session)
            {
                return;
            }

            cause = session.End!;
            _session = null;
            _loss = Loss(cause);
            _reconnecting = options.Reconnect;
        }

        NodeLog.Disconnected(logger, node.Id, cause.Message);
        node.OnDisconnected(cause);
        if (options.Reconnect)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static life => _ = life.ReconnectAsync(), this, preferLocal: false);
        }
    }

    /// <summary>Ends the node.</summary>
    public Task LeaveAsync(bool force)
    {
        var left = new LinkException(LinkError.ConnectionLost, $"The node {node.Id} has left its bridge.", RequestFate.Unknown);
        lock (_gate)
        {
            return End(left, force);
        }
    }

    /// <summary>Lets the handlers end, and leaves.</summary>
    public Task DisposeAsync()
    {
        if (HandlerPump.IsInside(node))
        {
            _hurry.TrySetResult();
        }

        node.Handlers.Leave();
        lock (_gate)
        {
            return _disposal ??= Task.Run(DisposeCoreAsync);
        }
    }

    private static LinkException Loss(LinkException cause) => new(
        LinkError.ConnectionLost, $"The connection to the bridge is lost; nothing was sent. {cause.Message}", peer: cause.Peer, innerException: cause);

    private NodeSession Begin()
    {
        lock (_gate)
        {
            if (_end is not null)
            {
                throw _end.For(RequestFate.NotSent);
            }

            if (_session is not null || _reconnecting)
            {
                throw new InvalidOperationException($"The node {node.Id} is connected, or being connected, already.");
            }

            return _session = new NodeSession(node, options);
        }
    }

    private void Drop(NodeSession session, Exception cause)
    {
        lock (_gate)
        {
            if (_session == session)
            {
                _session = null;
                _loss = cause as LinkException;
            }

            if (cause is LinkException { Error: LinkError.NameUnavailable } refused)
            {
                _end ??= refused;
            }
        }
    }

    private Task End(LinkException cause, bool force)
    {
        _end ??= cause;
        _ = _stop.CancelAsync();
        _last ??= _session;
        _session = null;
        if (_leaving is null || force)
        {
            _leaving = _last?.CloseAsync(force, _end) ?? Task.CompletedTask;
        }

        return _leaving;
    }

    private async Task DisposeCoreAsync()
    {
        try
        {
            await Task.WhenAny(node.Handlers.Pump.DrainAsync(), _hurry.Task).WaitAsync(options.DrainTimeout, options.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            NodeLog.NotDrained(logger, node.Id, options.DrainTimeout);
        }

        Task leaving;
        lock (_gate)
        {
            leaving = End(new LinkException(LinkError.Disposed, $"The node {node.Id} was disposed.", RequestFate.Unknown), force: false);
        }

        await leaving.ConfigureAwait(false);
    }

    private async Task ReconnectAsync()
    {
        var once = _linkOptions with { ConnectAttempts = 1 };
        var pause = Max(options.ConnectBackoff, ShortestPause);
        while (true)
        {
            try
            {
                // Nodes that lost the same bridge must not come back in step.
                await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), options.TimeProvider, _stop.Token).ConfigureAwait(false);
                var session = new NodeSession(node, options);
                await session.OpenAsync(once, _stop.Token).ConfigureAwait(false);
                await AdoptAsync(session).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception)
            {
                node.Report(exception);
                pause = pause * 2 < options.MaxReconnectBackoff ? pause * 2 : options.MaxReconnectBackoff;
            }
        }
    }

    private async Task AdoptAsync(NodeSession session)
    {
        LinkException? end;
        lock (_gate)
        {
            end = _end;
            if (end is null)
            {
                _session = session;
                _reconnecting = false;
            }
        }

        if (end is not null)
        {
            await session.CloseAsync(force: false, end).ConfigureAwait(false);
            return;
        }

        NodeLog.Registered(logger, node.Id, session.Bridge);
        node.OnReconnected();
        if (session.End is not null)
        {
            // Lost before it was this node's: nobody else tells.
            OnLost(session);
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

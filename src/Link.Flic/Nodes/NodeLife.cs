using Link.Abstractions;
using Link.Handlers;
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
    private LinkException? _cause;
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
                    throw (_cause ?? _end).For(RequestFate.NotSent);
                }
            }

            throw;
        }
    }

    /// <summary>The name is registered, and nothing has come in yet: from here on what a handler sends waits for the connection, if it must.</summary>
    public void OnRegistered(NodeSession session)
    {
        lock (_gate)
        {
            if (_reconnecting && _end is null)
            {
                _session = session;
            }
        }
    }

    /// <summary>A connection that was made has ended.</summary>
    public void OnLost(NodeSession session)
    {
        LinkException cause;
        lock (_gate)
        {
            if (_session != session || _reconnecting)
            {
                // Not this node's any more, or not yet: then whoever connects again looks at it.
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
        var cause = new LinkException(LinkError.ConnectionLost, $"The node {node.Id} has left its bridge.", RequestFate.Unknown);
        var left = new LinkException(LinkError.Disposed, $"The node {node.Id} has left its bridge, which ends it: nothing was sent. Make another FlicNode.");
        lock (_gate)
        {
            return End(left, cause, force);
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

    /// <param name="end">What is thrown from here on.</param>
    /// <param name="cause">What fails that is under way.</param>
    /// <param name="force">Whether it closes without a word.</param>
    private Task End(LinkException end, LinkException cause, bool force)
    {
        _end ??= end;
        _cause ??= cause;
        _ = _stop.CancelAsync();
        _last ??= _session;
        _session = null;
        if (_leaving is null || force)
        {
            _leaving = _last?.CloseAsync(force, _cause) ?? Task.CompletedTask;
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
            var disposed = new LinkException(LinkError.Disposed, $"The node {node.Id} was disposed.", RequestFate.Unknown);
            leaving = End(disposed, disposed, force: false);
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
                GiveUpAttempt();
                node.Report(exception);
                pause = pause * 2 < options.MaxReconnectBackoff ? pause * 2 : options.MaxReconnectBackoff;
            }
        }
    }

    private void GiveUpAttempt()
    {
        lock (_gate)
        {
            if (_reconnecting)
            {
                _session = null;
            }
        }
    }

    private async Task AdoptAsync(NodeSession session)
    {
        LinkException? cause;
        lock (_gate)
        {
            cause = _cause ?? _end;
        }

        if (cause is not null)
        {
            await session.CloseAsync(force: false, cause).ConfigureAwait(false);
            return;
        }

        // Said before the loss of the session may be, which waits for the flag.
        NodeLog.Registered(logger, node.Id, session.Bridge);
        node.OnReconnected();
        lock (_gate)
        {
            _reconnecting = false;
        }

        if (session.End is not null)
        {
            OnLost(session);
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

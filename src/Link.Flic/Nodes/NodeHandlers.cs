using Link.Abstractions;
using Link.Flic.Frames;
using Microsoft.Extensions.Logging;

namespace Link.Flic;

/// <summary>The handlers of a node, by event, and the pump that runs them. Safe for concurrent use.</summary>
internal sealed class NodeHandlers(FlicNode node, FlicNodeOptions options, ILogger logger)
{
    private readonly Dictionary<string, Func<FlicMessage, Task>[]> _handlers = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private volatile bool _isLeaving;

    /// <summary>What runs them.</summary>
    public HandlerPump Pump { get; } = new(options.MaxQueuedEvents, options.Limits.OutboundBacklogBytes, node);

    /// <summary>Adds one, after those that are there.</summary>
    public void Add(string name, Func<FlicMessage, Task> handler)
    {
        lock (_gate)
        {
            _handlers[name] = [.. _handlers.GetValueOrDefault(name, []), handler];
        }
    }

    /// <summary>Removes one as often as it was added, or all of the event when none is given.</summary>
    public void Remove(string name, Func<FlicMessage, Task>? handler)
    {
        lock (_gate)
        {
            Func<FlicMessage, Task>[] left = handler is null ? [] : [.. _handlers.GetValueOrDefault(name, []).Where(other => other != handler)];
            if (left.Length == 0)
            {
                _handlers.Remove(name);
            }
            else
            {
                _handlers[name] = left;
            }
        }
    }

    /// <summary>From here on events are answered as if the node had left already.</summary>
    public void Leave()
    {
        _isLeaving = true;
        Pump.Close();
    }

    /// <summary>Has the handlers of a message run; one that finds no room is refused. Never throws.</summary>
    public void Post(FlicMessage message, int bytes)
    {
        var run = new Run(this, message, bytes);
        if (!Pump.TryPost(run))
        {
            run.Refuse();
        }
    }

    private Func<FlicMessage, Task>[] Get(string name)
    {
        lock (_gate)
        {
            return _handlers.GetValueOrDefault(name, []);
        }
    }

    private async Task RunAsync(FlicMessage message)
    {
        var handlers = Get(message.Event);
        if (handlers.Length == 0)
        {
            NodeLog.Unhandled(logger, message.Event);
            message.Refuse(FlicErrors.UnknownEvent);
            return;
        }

        var isDone = handlers.Length == 1
            ? await RunAsync(handlers[0], message).ConfigureAwait(false)
            : !(await Task.WhenAll(Array.ConvertAll(handlers, handler => RunAsync(handler, message))).ConfigureAwait(false)).Contains(false);
        if (!isDone && !message.IsAcknowledged)
        {
            message.Refuse(FlicErrors.HandlerFailed);
        }
    }

    private async Task<bool> RunAsync(Func<FlicMessage, Task> handler, FlicMessage message)
    {
        try
        {
            await (handler(message) ?? Task.CompletedTask).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            NodeLog.HandlerFailed(logger, exception);
            node.Report(exception);
            return false;
        }
    }

    private void Refuse(FlicMessage message)
    {
        if (_isLeaving)
        {
            message.Refuse(FlicErrors.UnknownNode);
        }
        else if (message.Sender is null)
        {
            node.Report(new LinkException(
                LinkError.Overloaded, $"The shout {message.Event} was dropped: too many events wait for the handlers of {node.Id}, or run."));
        }
        else
        {
            message.Refuse(FlicErrors.Overloaded);
        }
    }

    private sealed class Run(NodeHandlers handlers, FlicMessage message, int bytes) : PumpItem(bytes)
    {
        public override Task RunAsync() => handlers.RunAsync(message);

        public override void Refuse() => handlers.Refuse(message);
    }
}

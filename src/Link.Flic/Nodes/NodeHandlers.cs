using Link.Abstractions;
using Link.Flic.Frames;
using Link.Handlers;
using Link.Logging;
using Microsoft.Extensions.Logging;

namespace Link.Flic;

/// <summary>The handlers of a node, by event, and the pump that runs them. Safe for concurrent use.</summary>
internal sealed class NodeHandlers(FlicNode node, FlicNodeOptions options, ILogger logger)
{
    private readonly Dictionary<string, Delegate[]> _handlers = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private volatile bool _isLeaving;

    /// <summary>What runs them.</summary>
    public HandlerPump Pump { get; } = new(options.MaxQueuedEvents, options.Limits.OutboundBacklogBytes, node);

    /// <summary>Adds one, after those that are there.</summary>
    public void Add(string name, Delegate handler)
    {
        lock (_gate)
        {
            _handlers[name] = [.. _handlers.GetValueOrDefault(name, []), handler];
        }
    }

    /// <summary>Removes one as often as it was added, or all of the event when none is given.</summary>
    public void Remove(string name, Delegate? handler)
    {
        lock (_gate)
        {
            Delegate[] left = handler is null ? [] : [.. _handlers.GetValueOrDefault(name, []).Where(other => !other.Equals(handler))];
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
    public void Post(FlicMessage message, long bytes)
    {
        var run = new Run(this, message, bytes);
        if (!Pump.TryPost(run))
        {
            run.Refuse();
        }
    }

    private Delegate[] Get(string name)
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
            NodeLog.Unhandled(logger, Shown.Text(message.Event));
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

    private async Task<bool> RunAsync(Delegate handler, FlicMessage message)
    {
        try
        {
            if (handler is Func<FlicMessage, Task> awaited)
            {
                await (awaited(message) ?? Task.CompletedTask).ConfigureAwait(false);
            }
            else
            {
                ((Action<FlicMessage>)handler)(message);
            }

            return true;
        }
        catch (Exception exception)
        {
            node.Report(FlicHandlerException.Of(message, exception));
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
                LinkError.Overloaded, $"The shout {Shown.Text(message.Event)} was dropped: too many events wait for the handlers of {node.Id}, or run."));
        }
        else
        {
            message.Refuse(FlicErrors.Overloaded);
        }
    }

    private sealed class Run(NodeHandlers handlers, FlicMessage message, long bytes) : PumpItem(bytes)
    {
        public override Task RunAsync() => handlers.RunAsync(message);

        public override void Refuse() => handlers.Refuse(message);
    }
}

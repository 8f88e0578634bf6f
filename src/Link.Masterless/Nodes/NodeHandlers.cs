using Link.Abstractions;
using Link.Handlers;
using Microsoft.Extensions.Logging;

namespace Link.Masterless;

/// <summary>Runs everything that is the user's: the handlers of packets and those of the node's own events, in the order of arrival. Safe for concurrent use.</summary>
internal sealed class NodeHandlers
{
    private readonly MeshNode _node;
    private readonly MeshOptions _options;
    private readonly HandlerPump _pump;
    private readonly TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Func<MeshMessage, Task>[] _handlers = [];
    private long _lost;

    /// <param name="node">Whose they are.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="logger">Never throws.</param>
    public NodeHandlers(MeshNode node, MeshOptions options, ILogger logger)
    {
        _node = node;
        _options = options;
        Reports = new NodeReports(node, this, logger);
        Room = new HandlerRoom(options.MaxHandlers, options.Limits.OutboundBacklogBytes);

        // The room bounds the packets. What comes and goes is bounded by the connections: accepted and dialled, each with a beginning and an end.
        _pump = new HandlerPump(int.MaxValue, long.MaxValue, node, 512 + (4 * Math.Min(options.MaxConnections, 1 << 20)));
    }

    /// <summary>What tells the user.</summary>
    public NodeReports Reports { get; }

    /// <summary>Where a packet must have a place before it is posted.</summary>
    public HandlerRoom Room { get; }

    /// <summary>Whether the caller is one of them.</summary>
    public bool IsInside => HandlerPump.IsInside(_node);

    /// <summary>Adds a handler of packets, after those that are there.</summary>
    public void Add(Func<MeshMessage, Task> handler)
    {
        lock (_gate)
        {
            _handlers = [.. _handlers, handler];
        }
    }

    /// <summary>Has the handlers of a packet run, for which there is a place in the room. Never throws.</summary>
    public void Post(string sender, ReadOnlyMemory<byte> json, HandlerRoom.Guest guest)
    {
        var run = new Run(this, new MeshMessage(_node, sender, new Payload(json)), guest);
        if (!_pump.TryPost(run))
        {
            run.Refuse();
        }
    }

    /// <summary>Has an event of the node raised. Never throws.</summary>
    /// <param name="handlers">Gives those that are there when it is raised.</param>
    /// <param name="args">What they are told.</param>
    /// <param name="kind">Whose reserve it takes.</param>
    /// <returns>Ends when they have returned.</returns>
    public Task Post<TArgs>(Func<EventHandler<TArgs>?> handlers, TArgs args, PumpKind kind = PumpKind.Life)
        where TArgs : EventArgs
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_pump.TryPost(kind, () => Raise(handlers(), args, done), 0))
        {
            Reports.EventLost(typeof(TArgs).Name, Interlocked.Increment(ref _lost));
            done.TrySetResult();
        }

        return done.Task;
    }

    /// <summary>From here on no packet is taken.</summary>
    public void Close()
    {
        Room.Close();
        _pump.Close();
    }

    /// <summary>One of them wants the node closed: nobody may wait for them.</summary>
    public void Hurry() => _hurry.TrySetResult();

    /// <summary>Ends when nothing waits or runs, or when there is no more time for it.</summary>
    public async Task DrainAsync(TimeSpan timeout)
    {
        try
        {
            await Task.WhenAny(_pump.DrainAsync(), _hurry.Task).WaitAsync(timeout, _options.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Reports.NotDrained(_options.DrainTimeout);
        }
    }

    private async Task RunAsync(MeshMessage message)
    {
        var handlers = Volatile.Read(ref _handlers);
        if (handlers.Length == 0)
        {
            Reports.Unhandled(message.Sender);
        }

        await (handlers.Length == 1 ? RunAsync(handlers[0], message) : Task.WhenAll(Array.ConvertAll(handlers, handler => RunAsync(handler, message)))).ConfigureAwait(false);
    }

    private async Task RunAsync(Func<MeshMessage, Task> handler, MeshMessage message)
    {
        try
        {
            await (handler(message) ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Reports.HandlerFailed(exception, message.Sender);
        }
    }

    private void Raise<TArgs>(EventHandler<TArgs>? handlers, TArgs args, TaskCompletionSource done)
        where TArgs : EventArgs
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(_node, args);
            }
            catch (Exception exception)
            {
                Reports.HandlerFailed(exception, null, isOfError: args is MeshErrorEventArgs);
            }
        }

        done.TrySetResult();
    }

    private sealed class Run(NodeHandlers handlers, MeshMessage message, HandlerRoom.Guest guest) : PumpItem(0)
    {
        public override async Task RunAsync()
        {
            await handlers.RunAsync(message).ConfigureAwait(false);
            Refuse();
        }

        public override void Refuse() => handlers.Room.Leave(guest, message.Packet.Utf8.Length);
    }
}

using Link.Abstractions;
using Link.Handlers;
using Link.Logging;
using Microsoft.Extensions.Logging;

namespace Link.Masterless;

/// <summary>The handlers of packets, and what runs them and everything else of the user's. Safe for concurrent use.</summary>
internal sealed class PacketHandlers
{
    private readonly MeshNode _node;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Func<MeshMessage, Task>[] _handlers = [];

    /// <param name="node">Whose they are.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="logger">Never throws.</param>
    public PacketHandlers(MeshNode node, MeshOptions options, ILogger logger)
    {
        _node = node;
        _logger = logger;
        Room = new HandlerRoom(options.MaxHandlers, options.Limits.OutboundBacklogBytes);

        // The room bounds the packets; each connection, which are bounded, comes and goes once.
        Pump = new HandlerPump(int.MaxValue, long.MaxValue, node, 512 + (4 * Math.Min(options.MaxConnections, 1 << 20)));
    }

    /// <summary>What runs them.</summary>
    public HandlerPump Pump { get; }

    /// <summary>Where a packet must have a place before it is posted.</summary>
    public HandlerRoom Room { get; }

    /// <summary>Adds one, after those that are there.</summary>
    public void Add(Func<MeshMessage, Task> handler)
    {
        lock (_gate)
        {
            _handlers = [.. _handlers, handler];
        }
    }

    /// <summary>Has the handlers of a packet run, for which there is a place in the room. Never throws.</summary>
    public void Post(string sender, ReadOnlyMemory<byte> json)
    {
        if (!Pump.TryPost(new Run(this, new MeshMessage(_node, sender, new Payload(json)))))
        {
            Room.Leave(json.Length);
        }
    }

    private async Task RunAsync(MeshMessage message)
    {
        try
        {
            var handlers = Volatile.Read(ref _handlers);
            if (handlers.Length == 0)
            {
                NodeLog.Unhandled(_logger, Shown.Text(message.Sender));
            }

            await (handlers.Length == 1 ? RunAsync(handlers[0], message) : Task.WhenAll(Array.ConvertAll(handlers, handler => RunAsync(handler, message)))).ConfigureAwait(false);
        }
        finally
        {
            Room.Leave(message.Packet.Utf8.Length);
        }
    }

    private async Task RunAsync(Func<MeshMessage, Task> handler, MeshMessage message)
    {
        try
        {
            await (handler(message) ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _node.ReportHandler(exception, message.Sender);
        }
    }

    private sealed class Run(PacketHandlers handlers, MeshMessage message) : PumpItem(0)
    {
        public override Task RunAsync() => handlers.RunAsync(message);

        public override void Refuse() => handlers.Room.Leave(message.Packet.Utf8.Length);
    }
}

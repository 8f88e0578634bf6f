using Link.Abstractions;
using Link.Handlers;
using Link.Logging;
using Microsoft.Extensions.Logging;

namespace Link.Masterless;

/// <summary>Tells the user of a node, and the log, what happens. Never throws; may be called on a receive loop.</summary>
/// <param name="node">Whose events are raised.</param>
/// <param name="handlers">What raises them.</param>
/// <param name="logger">Never throws.</param>
internal sealed class NodeReports(MeshNode node, NodeHandlers handlers, ILogger logger)
{
    private readonly string _id = Shown.Text(node.Id);

    /// <summary>The node listens.</summary>
    public void Listening(string info)
    {
        NodeLog.Listening(logger, _id, info);
        _ = handlers.Post(() => node.ListeningHandlers, new MeshListeningEventArgs(info));
    }

    /// <summary>There is a connection.</summary>
    /// <returns>Ends when the user has heard of it.</returns>
    public Task Connected(MeshLink link)
    {
        NodeLog.Connected(logger, _id, link.Peer);
        return handlers.Post(() => node.ConnectedHandlers, new MeshConnectedEventArgs(link.Id, link.Address.ToString()));
    }

    /// <summary>A connection was lost, and an attempt to connect again follows.</summary>
    public void Lost(MeshLink link, LinkException? error) => NodeLog.Lost(logger, _id, link.Peer, error?.Message ?? "it was closed there.");

    /// <summary>There is no connection any more.</summary>
    public void Disconnected(string id, LinkException? error)
    {
        NodeLog.Disconnected(logger, _id, Shown.Text(id), error?.Message ?? "the connection was closed.");
        _ = handlers.Post(() => node.DisconnectedHandlers, new MeshDisconnectedEventArgs(id, error));
    }

    /// <summary>Something went wrong that belongs to no call.</summary>
    public void Fault(LinkException error, string? id = null)
    {
        NodeLog.Fault(logger, error.Message, error);
        _ = handlers.Post(() => node.ErrorHandlers, new MeshErrorEventArgs(error, id), PumpKind.Error);
    }

    /// <summary>A handler has thrown.</summary>
    /// <param name="error">What.</param>
    /// <param name="id">Of a packet: who sent it.</param>
    /// <param name="isOfError">Whether the handler was one of errors, which is not told of its own.</param>
    public void HandlerFailed(Exception error, string? id, bool isOfError = false)
    {
        NodeLog.HandlerFailed(logger, _id, error.Message, error);
        if (!isOfError)
        {
            _ = handlers.Post(() => node.ErrorHandlers, new MeshErrorEventArgs(error, id), PumpKind.Error);
        }
    }

    /// <summary>A packet had no handler.</summary>
    public void Unhandled(string sender) => NodeLog.Unhandled(logger, Shown.Text(sender));

    /// <summary>An event was not raised.</summary>
    public void EventLost(string name, long count) => NodeLog.EventLost(logger, name, count);

    /// <summary>Handlers still run, and are left behind.</summary>
    public void NotDrained(TimeSpan timeout) => NodeLog.NotDrained(logger, _id, timeout);
}

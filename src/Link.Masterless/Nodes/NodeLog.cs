using Link.Abstractions;
using Microsoft.Extensions.Logging;

namespace Link.Masterless;

/// <summary>What a node of a mesh logs.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(1, LogLevel.Information, "The node {Id} listens, and is reached at {Info}")]
    public static partial void Listening(ILogger logger, string id, string info);

    [LoggerMessage(2, LogLevel.Information, "The node {Id} is connected with {Peer}")]
    public static partial void Connected(ILogger logger, string id, Peer peer);

    [LoggerMessage(3, LogLevel.Information, "The node {Id} has lost {Peer} and connects again: {Reason}")]
    public static partial void Lost(ILogger logger, string id, Peer peer, string reason);

    [LoggerMessage(4, LogLevel.Information, "The node {Id} is no longer connected with {Other}: {Reason}")]
    public static partial void Disconnected(ILogger logger, string id, string other, string reason);

    [LoggerMessage(5, LogLevel.Warning, "{Message}")]
    public static partial void Fault(ILogger logger, string message, Exception error);

    [LoggerMessage(6, LogLevel.Error, "A handler of the node {Id} failed: {Message}")]
    public static partial void HandlerFailed(ILogger logger, string id, string message, Exception error);

    [LoggerMessage(7, LogLevel.Debug, "A packet from {Sender} has no handler")]
    public static partial void Unhandled(ILogger logger, string sender);

    [LoggerMessage(8, LogLevel.Warning, "Handlers of the node {Id} still run {Timeout} after it began to close; they are left behind")]
    public static partial void NotDrained(ILogger logger, string id, TimeSpan timeout);

    [LoggerMessage(9, LogLevel.Warning, "{Event} was not raised: the handlers of the node are too slow ({Count} so far)")]
    public static partial void EventLost(ILogger logger, string @event, long count);
}

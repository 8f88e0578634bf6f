using Link.Abstractions;
using Microsoft.Extensions.Logging;

namespace Link.Flic;

/// <summary>What a node logs.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(1, LogLevel.Information, "The node {Name} is registered at {Bridge}")]
    public static partial void Registered(ILogger logger, string name, Peer bridge);

    [LoggerMessage(2, LogLevel.Warning, "The node {Name} is disconnected: {Reason}")]
    public static partial void Disconnected(ILogger logger, string name, string reason);

    [LoggerMessage(3, LogLevel.Warning, "{Message}")]
    public static partial void Fault(ILogger logger, string message, Exception error);

    [LoggerMessage(4, LogLevel.Error, "{Message}")]
    public static partial void HandlerFailed(ILogger logger, string message, Exception error);

    [LoggerMessage(5, LogLevel.Debug, "The event {Event} has no handler")]
    public static partial void Unhandled(ILogger logger, string @event);

    [LoggerMessage(6, LogLevel.Warning, "Handlers of the node {Name} still run {Timeout} after disposal began; they are left behind")]
    public static partial void NotDrained(ILogger logger, string name, TimeSpan timeout);

    [LoggerMessage(7, LogLevel.Warning, "{Event} was not raised: the handlers of the node are too slow ({Count} so far)")]
    public static partial void EventLost(ILogger logger, string @event, long count);
}

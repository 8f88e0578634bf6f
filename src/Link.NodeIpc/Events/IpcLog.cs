using Link.Abstractions;
using Link.Streams.Endpoints;
using Microsoft.Extensions.Logging;

namespace Link.NodeIpc.Events;

/// <summary>What the event API logs.</summary>
internal static partial class IpcLog
{
    [LoggerMessage(1, LogLevel.Information, "Serving on {Endpoint}")]
    public static partial void Started(ILogger logger, Endpoint endpoint);

    [LoggerMessage(2, LogLevel.Information, "No longer serving on {Endpoint}")]
    public static partial void Stopped(ILogger logger, Endpoint endpoint);

    [LoggerMessage(3, LogLevel.Debug, "{Peer} connected")]
    public static partial void Connected(ILogger logger, Peer peer);

    [LoggerMessage(4, LogLevel.Debug, "{Peer} disconnected")]
    public static partial void Disconnected(ILogger logger, Peer peer);

    [LoggerMessage(5, LogLevel.Debug, "The client of {Id} is destroyed")]
    public static partial void Destroyed(ILogger logger, string id);

    [LoggerMessage(6, LogLevel.Warning, "{Message}")]
    public static partial void Fault(ILogger logger, string message, Exception error);

    [LoggerMessage(7, LogLevel.Error, "A handler failed")]
    public static partial void HandlerFailed(ILogger logger, Exception error);

    [LoggerMessage(8, LogLevel.Debug, "{Peer} sent a message of the type {Type}, which has no handler")]
    public static partial void Unhandled(ILogger logger, Peer peer, string type);

    [LoggerMessage(9, LogLevel.Warning, "Handlers still run {Timeout} after disposal began; they are left behind")]
    public static partial void NotDrained(ILogger logger, TimeSpan timeout);
}

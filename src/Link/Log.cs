using Link.Abstractions;
using Microsoft.Extensions.Logging;

namespace Link;

/// <summary>What a server logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Server} has started")]
    public static partial void Started(ILogger logger, string server);

    [LoggerMessage(2, LogLevel.Information, "{Server} has stopped")]
    public static partial void Stopped(ILogger logger, string server);

    [LoggerMessage(3, LogLevel.Debug, "{Server}: {Peer} connected")]
    public static partial void Connected(ILogger logger, string server, Peer peer);

    [LoggerMessage(4, LogLevel.Debug, "{Server}: {Peer} disconnected")]
    public static partial void Disconnected(ILogger logger, string server, Peer peer, Exception? error);

    [LoggerMessage(5, LogLevel.Warning, "{Server}: {Message}")]
    public static partial void Fault(ILogger logger, string server, string message, Exception error);

    [LoggerMessage(6, LogLevel.Error, "{Server}: the handler of a message from {Peer} failed")]
    public static partial void HandlerFailed(ILogger logger, string server, Peer peer, Exception error);

    [LoggerMessage(7, LogLevel.Error, "{Server}: an event handler failed")]
    public static partial void EventHandlerFailed(ILogger logger, string server, Exception error);

    [LoggerMessage(8, LogLevel.Warning, "{Server}: handlers still run {Timeout} after disposal began; they are left behind")]
    public static partial void NotDrained(ILogger logger, string server, TimeSpan timeout);
}

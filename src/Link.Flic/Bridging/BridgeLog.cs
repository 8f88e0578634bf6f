using Link.Abstractions;
using Link.Streams.Endpoints;
using Microsoft.Extensions.Logging;

namespace Link.Flic;

/// <summary>What a bridge logs.</summary>
internal static partial class BridgeLog
{
    [LoggerMessage(1, LogLevel.Information, "The bridge listens on {Endpoint}")]
    public static partial void Started(ILogger logger, Endpoint endpoint);

    [LoggerMessage(2, LogLevel.Information, "The bridge on {Endpoint} is closed")]
    public static partial void Closed(ILogger logger, Endpoint endpoint);

    [LoggerMessage(3, LogLevel.Debug, "{Peer} has joined")]
    public static partial void Joined(ILogger logger, Peer peer);

    [LoggerMessage(4, LogLevel.Debug, "{Peer} has left")]
    public static partial void Left(ILogger logger, Peer peer);

    [LoggerMessage(5, LogLevel.Warning, "{Message}")]
    public static partial void Fault(ILogger logger, string message, Exception error);

    [LoggerMessage(6, LogLevel.Error, "A handler failed")]
    public static partial void HandlerFailed(ILogger logger, Exception error);

    [LoggerMessage(7, LogLevel.Warning, "{Count} events of the bridge were lost: their handlers are too slow")]
    public static partial void EventsLost(ILogger logger, long count);
}

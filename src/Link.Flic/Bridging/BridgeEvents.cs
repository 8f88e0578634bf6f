using System.Threading.Channels;
using Link.Abstractions;
using Microsoft.Extensions.Logging;

namespace Link.Flic;

/// <summary>What happened at a bridge.</summary>
internal enum BridgeEventKind
{
    /// <summary>A name was registered.</summary>
    Joined,

    /// <summary>A name was freed.</summary>
    Left,

    /// <summary>Something went wrong.</summary>
    Error,
}

/// <summary>One event of a bridge.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Name">The name of the node; null for an error.</param>
/// <param name="Peer">The connection, or null.</param>
/// <param name="Error">What went wrong, or null.</param>
internal readonly record struct BridgeEvent(BridgeEventKind Kind, string? Name, Peer? Peer, LinkException? Error);

/// <summary>
/// Raises the events of a bridge in order, on a task of its own. Whoever posts never waits: what does not fit is counted and logged.
/// </summary>
internal sealed class BridgeEvents
{
    private const int MaxWaiting = 4096;

    // What goes wrong may come as fast as frames do: it must leave room for who comes and goes.
    internal const int MaxErrorsWaiting = 512;

    private readonly Channel<BridgeEvent> _waiting = Channel.CreateBounded<BridgeEvent>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Action<BridgeEvent> _raise;
    private readonly ILogger _logger;
    private long _lost;
    private int _errorsWaiting;

    /// <param name="raise">Calls the handlers; never throws.</param>
    /// <param name="logger">Where every event is logged, too.</param>
    public BridgeEvents(Action<BridgeEvent> raise, ILogger logger)
    {
        _raise = raise;
        _logger = logger;
        _ = Task.Run(RunAsync);
    }

    /// <summary>Appends an event.</summary>
    public void Post(BridgeEvent happened)
    {
        if (!_waiting.Writer.TryWrite(happened))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Appends an error.</summary>
    public void Report(LinkException error, Peer? peer)
    {
        if (Interlocked.Increment(ref _errorsWaiting) > MaxErrorsWaiting || !_waiting.Writer.TryWrite(new BridgeEvent(BridgeEventKind.Error, Name: null, peer, error)))
        {
            Interlocked.Decrement(ref _errorsWaiting);
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Nothing will follow; what waits is still raised.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    private async Task RunAsync()
    {
        await foreach (var happened in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (happened.Kind == BridgeEventKind.Error)
            {
                Interlocked.Decrement(ref _errorsWaiting);
            }

            Log(happened);
            _raise(happened);
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
            {
                BridgeLog.EventsLost(_logger, lost);
            }
        }
    }

    private void Log(in BridgeEvent happened)
    {
        switch (happened.Kind)
        {
            case BridgeEventKind.Joined:
                BridgeLog.Joined(_logger, happened.Peer!);
                break;
            case BridgeEventKind.Left:
                BridgeLog.Left(_logger, happened.Peer!);
                break;
            default:
                BridgeLog.Fault(_logger, happened.Error!.Message, happened.Error);
                break;
        }
    }
}

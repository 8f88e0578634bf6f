using System.Threading.Channels;
using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Flic;

/// <summary>What a <see cref="FlicTransport"/> hands to its caller: connections, as many as the options allow, and faults. Safe for concurrent use.</summary>
internal sealed class Arrivals
{
    private const int KeptFaults = 256;

    // Bounded: each entry holds a place of one of the limits.
    private readonly Channel<Conversation> _established = Channel.CreateUnbounded<Conversation>();
    private readonly Channel<LinkException> _faults;
    private long _lostFaults;

    public Arrivals(FlicNodeOptions options)
    {
        Options = options;
        Accepted = new ConnectionLimit(options.MaxConnections);
        Dialled = new ConnectionLimit(options.MaxConnections);
        _faults = Channel.CreateBounded<LinkException>(
            new BoundedChannelOptions(KeptFaults) { FullMode = BoundedChannelFullMode.DropWrite }, _ => Interlocked.Increment(ref _lostFaults));
    }

    public FlicNodeOptions Options { get; }

    /// <summary>How many conversations there may be that others began.</summary>
    public ConnectionLimit Accepted { get; }

    /// <summary>How many there may be that this side began.</summary>
    public ConnectionLimit Dialled { get; }

    public ChannelReader<LinkException> Faults => _faults.Reader;

    public long LostFaults => Interlocked.Read(ref _lostFaults);

    /// <summary>Where the envelopes of a new conversation wait.</summary>
    public Inbox MakeInbox() => new(Options.Limits.OutboundBacklogBytes, Options.MaxQueuedEvents);

    public void Report(LinkException fault) => _faults.Writer.TryWrite(fault);

    /// <summary>Reports that the reply to a request is waited for no longer.</summary>
    public void ReportForgotten(Peer peer) => Report(new LinkException(
        LinkError.Overloaded,
        $"A reply of {peer} is waited for no longer: more than {Options.MaxPendingTells} requests have none.",
        RequestFate.Unknown,
        peer));

    /// <summary>Hands a conversation over; false when nobody takes it any more.</summary>
    public bool TryYield(Conversation conversation) => _established.Writer.TryWrite(conversation);

    /// <summary>The next conversation; null after <see cref="CompleteAsync"/>.</summary>
    public async ValueTask<IConnection?> TakeAsync(CancellationToken cancellationToken)
    {
        while (await _established.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_established.Reader.TryRead(out var conversation))
            {
                conversation.OnYielded();
                return conversation;
            }
        }

        return null;
    }

    /// <summary>Hands over nothing more: closes the conversations that nobody has taken.</summary>
    public async ValueTask CompleteAsync()
    {
        _established.Writer.TryComplete();
        while (_established.Reader.TryRead(out var conversation))
        {
            conversation.OnYielded();
            await conversation.DisposeAsync().ConfigureAwait(false);
        }
    }

    public void CompleteFaults() => _faults.Writer.TryComplete();
}

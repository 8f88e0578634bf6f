using Link.Abstractions;
using Link.Abstractions.Json;
using Link.Streams.Endpoints;

namespace Link.Flic;

/// <summary>
/// A connection of a <see cref="FlicTransport"/>: requests to one node and its replies, or requests of one node and the replies to it
/// (SPEC.md, "flic: a Server over a bridge"). Many share one <see cref="NodePlace"/>.
/// </summary>
internal sealed class Conversation : IConnection
{
    private readonly NodePlace _place;
    private readonly ConnectionLimit _limit;

    // The place under the limit is held until the connection has ended and has been yielded, whichever comes last.
    private int _holds = 2;
    private int _endHoldReleased;
    private volatile bool _isClosed;

    /// <param name="place">What it writes to.</param>
    /// <param name="other">The node at the other end.</param>
    /// <param name="epoch">What tells it from earlier ones, JSON text; empty when the other end is not known to be Link.</param>
    /// <param name="isDialled">Who began it.</param>
    /// <param name="limit">The limit it holds a place of.</param>
    /// <param name="inbox">Where its envelopes wait.</param>
    public Conversation(NodePlace place, string other, ReadOnlyMemory<byte> epoch, bool isDialled, ConnectionLimit limit, Inbox inbox)
    {
        _place = place;
        _limit = limit;
        Other = other;
        QuotedOther = JsonText.Quote(other);
        Epoch = epoch;
        Inbox = inbox;
        Peer = new Peer
        {
            // A node that was given no name has a uuid: that is nobody's name.
            Name = !isDialled && Guid.TryParseExact(other, "D", out _) ? null : other,
            Endpoint = $"{place.Bridge.Endpoint}/{other}",
            IsDialled = isDialled,
        };
    }

    /// <inheritdoc/>
    public Peer Peer { get; }

    /// <inheritdoc/>
    public EnvelopeFlow Flow => Peer.IsDialled ? EnvelopeFlow.Replies : EnvelopeFlow.Requests;

    /// <summary>The name of the other node.</summary>
    public string Other { get; }

    /// <summary>The same as JSON text.</summary>
    public ReadOnlyMemory<byte> QuotedOther { get; }

    /// <summary>What tells it from earlier ones; empty when the other end is not known to be Link.</summary>
    public ReadOnlyMemory<byte> Epoch { get; }

    /// <summary>What has come and was not read.</summary>
    public Inbox Inbox { get; }

    /// <summary>Whether nothing more may be written. Set once, by the place.</summary>
    public bool IsClosed
    {
        get => _isClosed;
        set => _isClosed = value;
    }

    /// <summary>The id of the TELL whose answer tells the other end that this one has ended; empty when there is none. The place's.</summary>
    public ReadOnlyMemory<byte> EndId { get; set; }

    /// <summary>The id of the TELL whose answer tells this side that the other end has ended it; missing when there is none. The place's.</summary>
    public RequestId ControlId { get; set; }

    /// <summary>How many requests have no reply yet. The place's.</summary>
    public int Waiting { get; set; }

    /// <summary>When it was last asked, in the place's count. The place's.</summary>
    public long LastUse { get; set; }

    /// <summary>When that was, by the clock of the options. The place's.</summary>
    public long LastAsked { get; set; }

    /// <inheritdoc/>
    public bool TryRead(out Envelope envelope) => Inbox.TryRead(out envelope);

    /// <inheritdoc/>
    public ValueTask<Envelope?> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Envelope?>(cancellationToken);
        }

        return Inbox.TryRead(out var envelope) ? new ValueTask<Envelope?>(envelope) : ReadMoreAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Envelope envelope, bool more = false, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            ThrowIfNotCarried(envelope.Kind);
            if (Peer.IsDialled)
            {
                _place.Ask(this, envelope, more);
            }
            else
            {
                _place.Reply(this, envelope, more);
            }

            return ValueTask.CompletedTask;
        }
        catch (Exception exception) when (exception is LinkException or ArgumentException)
        {
            return ValueTask.FromException(exception);
        }
    }

    /// <inheritdoc/>
    public void Flush() => _place.Flush();

    /// <summary>Tells the other end. Where this was the last conversation of a name that is given up, it ends when the name is free.</summary>
    public async ValueTask DisposeAsync()
    {
        Inbox.Abandon();
        await _place.CloseAsync(this).ConfigureAwait(false);
        ReleaseLimit();
    }

    /// <summary>The id of the TELL that is to be answered now that this has ended; empty the second time.</summary>
    public ReadOnlyMemory<byte> TakeEndId()
    {
        var id = EndId;
        EndId = default;
        return id;
    }

    /// <summary>Called once, when nobody else will be given this connection.</summary>
    public void OnYielded() => Release();

    /// <summary>Gives up its place under the limit, although its owner has not read to the end.</summary>
    public void ReleaseLimit()
    {
        if (Interlocked.Exchange(ref _endHoldReleased, 1) == 0)
        {
            Release();
        }
    }

    /// <summary>Ends it before anybody was given it.</summary>
    public void Abort(LinkException? cause)
    {
        IsClosed = true;
        Inbox.End(cause);
        ReleaseLimit();
        OnYielded();
    }

    /// <summary>What a write gets that comes too late.</summary>
    public LinkException Closed() => new(LinkError.ConnectionLost, $"The connection to {Peer} is closed.", peer: Peer);

    private async ValueTask<Envelope?> ReadMoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await Inbox.ReadAsync(cancellationToken).ConfigureAwait(false) is { } envelope)
            {
                return envelope;
            }
        }
        catch (LinkException)
        {
            ReleaseLimit();
            throw;
        }

        // Whoever has read to the end need not dispose: nothing of the connection is left.
        ReleaseLimit();
        return null;
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _holds) == 0)
        {
            _limit.Release();
        }
    }

    private void ThrowIfNotCarried(EnvelopeKind kind)
    {
        if (kind != (Peer.IsDialled ? EnvelopeKind.Request : EnvelopeKind.Reply))
        {
            throw new ArgumentException(
                $"A connection over a bridge carries requests from the dialler and replies from the acceptor, no {kind} here.", nameof(kind));
        }
    }
}

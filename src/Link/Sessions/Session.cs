using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Dispatching;

namespace Link;

/// <summary>
/// One connection in use: its promises, its user code, its receive loop. Ends when the connection does, and then everything
/// pending on it has ended too. Safe for concurrent use.
/// </summary>
internal sealed class Session
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _closing;
    private LinkException? _closeReason;
    private int _started;

    public Session(IConnection connection, SessionContext context)
    {
        Connection = connection;
        Context = context;
        Work = new WorkQueue(context.Watchdog, connection.Flush);
        Pending = new PendingRequests(context.Options.MaxPendingRequests);
    }

    public IConnection Connection { get; }

    public SessionContext Context { get; }

    public WorkQueue Work { get; }

    public PendingRequests Pending { get; }

    public Peer Peer => Connection.Peer;

    /// <summary>True as soon as no more requests can be sent.</summary>
    public bool HasEnded => Pending.HasFailed;

    /// <summary>Cancelled when this side closes the session.</summary>
    public CancellationToken Closing => ClosingSource.Token;

    /// <summary>Ends when the session has.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Starts the receive loop, once, however often it is called.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            return;
        }

        Context.Began(this);

        new ReceiveLoop(this).Start();
    }

    /// <summary>
    /// Sends a request; the task is its promise. The text is what the memory of the data belongs to: disposed once it is written,
    /// still the caller's when this throws.
    /// </summary>
    /// <exception cref="LinkException">Nothing was sent: the connection is closed, its backlog is full or the message too large.</exception>
    /// <exception cref="ArgumentException">The id is already pending.</exception>
    public Task<Reply> Request(
        RequestId id, string from, Payload data, PooledBuffer? text, long deadline, CancellationToken cancellationToken)
    {
        var pending = new PendingRequest(deadline);
        Pending.Add(id, pending, Peer);
        var write = WriteAsync(new Envelope { Kind = EnvelopeKind.Request, Id = id, From = from, Payload = data }, cancellationToken);
        if (!write.IsCompleted)
        {
            _ = AcceptSlowlyAsync(write, id, pending, text, cancellationToken);
        }
        else
        {
            ThrowIfNotAccepted(write, id, pending, cancellationToken);
            text?.Dispose();
        }

        Context.Deadlines.Watch(deadline);
        return cancellationToken.CanBeCanceled ? AwaitCancellableAsync(id, pending, cancellationToken) : pending.Task;
    }

    private void ThrowIfNotAccepted(ValueTask write, RequestId id, PendingRequest pending, CancellationToken cancellationToken)
    {
        try
        {
            write.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (Pending.TryRemove(id, pending))
        {
            throw Cancelled(RequestFate.NotSent, cancellationToken);
        }
        catch (LinkException) when (Volatile.Read(ref _closeReason) is not null && Pending.TryRemove(id, pending))
        {
            // Closed by this side a moment ago: the caller is told why, not that it was lost.
            throw _closeReason!.For(RequestFate.NotSent);
        }
        catch (Exception) when (!Pending.TryRemove(id, pending))
        {
            // The promise has ended already, as the connection has: it tells why.
        }
    }

    /// <summary>Writes an envelope; sending may wait for the end of the batch of user code that this thread runs.</summary>
    public ValueTask WriteAsync(Envelope envelope, CancellationToken cancellationToken) =>
        Connection.WriteAsync(envelope, Work.MayDeferFlush, cancellationToken);

    /// <summary>Ends a promise that has been removed from its table.</summary>
    public void Settle(PendingRequest pending, object replyOrException)
    {
        Work.Add(pending.With(replyOrException));
        Work.HandOver();
    }

    /// <summary>Ends every promise that is overdue.</summary>
    /// <returns>The earliest deadline that remains.</returns>
    public long EndOverdue(long now)
    {
        var overdue = Pending.RemoveOverdue(now, out var next);
        foreach (var pending in overdue)
        {
            Settle(pending, new LinkException(
                LinkError.Timeout, $"{Peer} did not reply in time.", RequestFate.Unknown, Peer));
        }

        return next;
    }

    /// <summary>Called by the receive loop, once, when the connection has ended: fails what is pending.</summary>
    public async Task EndAsync(LinkException? failure)
    {
        failure = Volatile.Read(ref _closeReason) ?? failure;
        foreach (var pending in Pending.FailAll(failure ?? Lost("closed the connection")))
        {
            Settle(pending, (failure ?? Lost("closed the connection before it replied")).For(RequestFate.Unknown));
        }

        try
        {
            await Connection.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            // Whatever a transport does, nobody may wait for this session for ever.
            Context.Ended(this, failure);
            _completion.TrySetResult();
        }
    }

    /// <summary>Closes the connection: what was written is still sent, what is pending fails with the reason.</summary>
    public async Task CloseAsync(LinkException reason)
    {
        Interlocked.CompareExchange(ref _closeReason, reason, null);
        await ClosingSource.CancelAsync().ConfigureAwait(false);
        await Connection.DisposeAsync().ConfigureAwait(false);
        await Completion.ConfigureAwait(false);
    }

    private CancellationTokenSource ClosingSource => LazyInitializer.EnsureInitialized(ref _closing, static () => new CancellationTokenSource())!;

    private LinkException Lost(string how) => new(LinkError.ConnectionLost, $"{Peer} {how}.", RequestFate.Unknown, Peer);

    /// <summary>Waits for a transport that does not accept at once; the promise may end meanwhile.</summary>
    private async Task AcceptSlowlyAsync(
        ValueTask write, RequestId id, PendingRequest pending, PooledBuffer? text, CancellationToken cancellationToken)
    {
        using (text)
        {
            try
            {
                await write.ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                if (Pending.TryRemove(id, pending))
                {
                    Settle(pending, exception is OperationCanceledException ? Cancelled(RequestFate.NotSent, cancellationToken) : exception);
                }
            }
        }
    }

    private async Task<Reply> AwaitCancellableAsync(RequestId id, PendingRequest pending, CancellationToken cancellationToken)
    {
        var registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (session, id, pending) = ((Session, RequestId, PendingRequest))state!;
                if (session.Pending.TryRemove(id, pending))
                {
                    session.Settle(pending, session.Cancelled(RequestFate.Unknown, token));
                }
            },
            (this, id, pending));
        await using (registration.ConfigureAwait(false))
        {
            return await pending.Task.ConfigureAwait(false);
        }
    }

    private OperationCanceledException Cancelled(RequestFate fate, CancellationToken token) => Cancellation.Of(Peer.ToString(), fate, token, Peer);
}

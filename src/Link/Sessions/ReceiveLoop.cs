using Link.Abstractions;
using Link.Dispatching;

namespace Link;

/// <summary>
/// Reads one connection until it ends: read; null or an error ends it; else hand on. It settles promises and starts handlers
/// through the session's work queue, and is never held up by user code.
/// </summary>
internal sealed class ReceiveLoop
{
    // So many messages of one read are worth a second thread while the rest are still being decoded.
    private const int LargeBatch = 128;

    // So many reads that needed no wait, and the thread is let go for others: seldom where latency is what is wanted.
    private const int RoundsPerTurn = 16;
    private const int RoundsPerLentTurn = 256;

    private readonly Session _session;
    private readonly IConnection _connection;
    private readonly WorkQueue _work;
    private readonly SessionContext _context;
    private readonly bool _lendsThread;
    private int _lentBy;

    /// <param name="session">The session it reads for.</param>
    public ReceiveLoop(Session session)
    {
        _session = session;
        _connection = session.Connection;
        _context = session.Context;
        _lendsThread = _context.Options.LowLatency;
        _work = session.Work;
        if (_lendsThread)
        {
            _work.OnHeldUp = TakeOver;
        }
    }

    /// <summary>
    /// Begins to read, on a pool thread and without the context of the call that happened to open the connection; ends by telling the
    /// session why the connection ended.
    /// </summary>
    public void Start() => Start(1);

    private void Start(int turn) =>
        ThreadPool.UnsafeQueueUserWorkItem(static run => _ = run.Loop.ReadAsync(run.Turn), (Loop: this, Turn: turn), preferLocal: false);

    /// <param name="turn">Tells this run from the one that may have to take over from it.</param>
    private async Task ReadAsync(int turn)
    {
        LinkException? failure = null;
        try
        {
            Envelope? next;
            var rounds = 0;
            do
            {
                rounds++;
                for (var batch = 1; _connection.TryRead(out var envelope); batch++)
                {
                    await AcceptAsync(envelope).ConfigureAwait(false);
                    if (batch % LargeBatch == 0)
                    {
                        _work.HandOver();
                    }
                }

                if (_lendsThread && !LendThread(turn))
                {
                    return;
                }

                var read = _connection.ReadAsync(CancellationToken.None);
                next = read.IsCompleted ? await ReadOnAsync(read, rounds).ConfigureAwait(false) : await new ReadThenWork(read, _work);
                if (next is { } first)
                {
                    await AcceptAsync(first).ConfigureAwait(false);
                }
            }
            while (next is not null);
        }
        catch (LinkException exception)
        {
            failure = exception;
        }
        catch (OperationCanceledException) when (_session.Closing.IsCancellationRequested)
        {
            // This side closes the session while it waits for a handler to end.
        }
        catch (Exception exception)
        {
            // A defect of the transport: this connection dies of it, and the error says so.
            failure = new LinkException(
                LinkError.ConnectionLost, $"Reading from {_session.Peer} failed: {exception.Message}", RequestFate.Unknown, _session.Peer, exception);
        }

        _work.HandOver();
        await _session.EndAsync(failure).ConfigureAwait(false);
    }

    /// <summary>A read that needed no wait: what was read before must not wait for one, and now and then others have their turn.</summary>
    private async ValueTask<Envelope?> ReadOnAsync(ValueTask<Envelope?> read, int rounds)
    {
        _work.HandOver();
        if (rounds % (_lendsThread ? RoundsPerLentTurn : RoundsPerTurn) == 0)
        {
            await Task.Yield();
        }

        return await read.ConfigureAwait(false);
    }

    /// <summary>
    /// For low latency: runs the batch before it looks for more, on the thread that is awake already. Should the batch take long,
    /// the watchdog has another thread take the reading over.
    /// </summary>
    /// <returns>False when it has been taken over.</returns>
    private bool LendThread(int turn)
    {
        Volatile.Write(ref _lentBy, turn);
        _work.RunHere();
        return Interlocked.CompareExchange(ref _lentBy, 0, turn) == turn;
    }

    private void TakeOver()
    {
        var turn = Volatile.Read(ref _lentBy);
        if (turn != 0 && Interlocked.CompareExchange(ref _lentBy, 0, turn) == turn)
        {
            Start(turn + 1);
        }
    }

    private ValueTask AcceptAsync(in Envelope envelope)
    {
        switch (envelope.Kind)
        {
            case EnvelopeKind.Reply:
                AcceptReply(envelope);
                return ValueTask.CompletedTask;
            case EnvelopeKind.Request:
                return AcceptRequestAsync(envelope);
            default:
                return ValueTask.CompletedTask;
        }
    }

    private void AcceptReply(in Envelope envelope)
    {
        if (envelope.Id.IsMissing || !_session.Pending.TryRemove(envelope.Id.Canonical(), out var pending))
        {
            _context.Counters.CountUnknownReply();
            return;
        }

        if (envelope.Failure is { } failure)
        {
            _work.Add(pending.With(failure));
            return;
        }

        var reply = new Reply(envelope.Payload, _context.Options.Serializer);
        _work.Add(pending.With(envelope.Success ? reply : new RejectedException(_session.Peer.Name ?? _session.Peer.ToString(), reply)));
    }

    private ValueTask AcceptRequestAsync(in Envelope envelope)
    {
        var message = new Message(_session, envelope);
        if (_context.Slots.IsDraining)
        {
            return RefuseDisposedAsync(message);
        }

        if (_context.Slots.TryTake())
        {
            _work.Add(message);
            return ValueTask.CompletedTask;
        }

        return _connection.Flow == EnvelopeFlow.Requests
            ? WaitForSlotAsync(message)
            : RefuseAsync(message, "OVERLOADED", "Too many requests are being handled.");
    }

    private async ValueTask WaitForSlotAsync(Message message)
    {
        // What was read before holds slots: it must run, or this would wait for ever.
        _work.HandOver();
        await _context.Slots.TakeAsync(_session.Closing).ConfigureAwait(false);
        if (_context.Slots.IsDraining)
        {
            // Disposal waits for the handlers that run: none may follow them.
            _context.Slots.Release();
            await RefuseDisposedAsync(message).ConfigureAwait(false);
            return;
        }

        _work.Add(message);
    }

    private ValueTask RefuseDisposedAsync(Message message) => RefuseAsync(message, "DISPOSED", "The server is being disposed.");

    private async ValueTask RefuseAsync(Message message, string code, string text)
    {
        _context.Counters.CountRefusedRequest();
        try
        {
            await message.ReplyAsync(new { code, message = text }, success: false).ConfigureAwait(false);
        }
        catch (LinkException)
        {
            // The requester does not read either; the loop must not wait for it.
        }
    }
}

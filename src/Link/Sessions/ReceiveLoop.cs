using Link.Abstractions;
using Link.Dispatching;

namespace Link;

/// <summary>
/// Reads one connection until it ends: read; null or an error ends it; else hand on. It settles promises and starts handlers
/// through the session's work queue, and runs no user code itself.
/// </summary>
/// <param name="session">The session it reads for.</param>
internal sealed class ReceiveLoop(Session session)
{
    // So many messages of one read are worth a second thread while the rest are still being decoded.
    private const int LargeBatch = 128;

    private readonly IConnection _connection = session.Connection;
    private readonly WorkQueue _work = session.Work;
    private readonly SessionContext _context = session.Context;

    /// <summary>Runs until the connection ends.</summary>
    /// <returns>Why it ended, or null after a clean end.</returns>
    public async Task<LinkException?> RunAsync()
    {
        try
        {
            for (var batch = 1; ; batch++)
            {
                var read = _connection.ReadAsync(CancellationToken.None);
                Envelope? next;
                if (read.IsCompleted)
                {
                    next = await read.ConfigureAwait(false);
                }
                else
                {
                    next = await new ReadThenWork(read, _work);
                    batch = 1;
                }

                if (next is not { } envelope)
                {
                    return null;
                }

                await AcceptAsync(envelope).ConfigureAwait(false);
                if (batch % LargeBatch == 0)
                {
                    _work.HandOver();
                }
            }
        }
        catch (LinkException failure)
        {
            return failure;
        }
        catch (Exception exception)
        {
            // A defect of the transport: this connection dies of it, and the error says so.
            return new LinkException(
                LinkError.ConnectionLost, $"Reading from {session.Peer} failed: {exception.Message}", RequestFate.Unknown, session.Peer, exception);
        }
        finally
        {
            _work.HandOver();
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
        if (envelope.Id.IsMissing || !session.Pending.TryRemove(envelope.Id, out var pending))
        {
            _context.Counters.CountUnknownReply();
            return;
        }

        var reply = new Reply(envelope.Payload, _context.Options.Serializer);
        _work.Add(pending.With(envelope.Success ? reply : new RejectedException(session.Peer.Name ?? session.Peer.ToString(), reply)));
    }

    private ValueTask AcceptRequestAsync(in Envelope envelope)
    {
        var message = new Message(session, envelope);
        if (_context.Slots.IsDraining)
        {
            return RefuseAsync(message, "DISPOSED", "The server is being disposed.");
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
        await _context.Slots.TakeAsync(CancellationToken.None).ConfigureAwait(false);
        _work.Add(message);
    }

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

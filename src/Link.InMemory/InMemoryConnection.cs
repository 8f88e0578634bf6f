using Link.Abstractions;

namespace Link.InMemory;

/// <summary>One end of a pair. Writes are delivered at once, so that <see cref="Flush"/> has nothing to do.</summary>
internal sealed class InMemoryConnection(
    InMemoryTransport owner, Peer peer, EnvelopeQueue incoming, EnvelopeQueue outgoing, int maxFrameBytes) : IConnection
{
    // The place in the owner's table is held until the connection has ended and has been yielded, whichever comes last.
    private int _holds = 2;
    private int _ended;
    private volatile LinkException? _failure;

    public Peer Peer { get; } = peer;

    public EnvelopeFlow Flow => EnvelopeFlow.Both;

    /// <summary>Makes both ends of a connection between two transports.</summary>
    public static (InMemoryConnection Dialled, InMemoryConnection Accepted) CreatePair(
        InMemoryTransport dialler, string? diallerName, InMemoryTransport acceptor, string acceptorName)
    {
        var requests = new EnvelopeQueue(dialler.Options);
        var replies = new EnvelopeQueue(acceptor.Options);
        var dialled = new InMemoryConnection(
            dialler,
            new Peer { Name = acceptorName, Endpoint = $"memory:{acceptorName}", IsDialled = true },
            replies,
            requests,
            dialler.Options.MaxFrameBytes);
        var accepted = new InMemoryConnection(
            acceptor,
            new Peer { Name = diallerName, Endpoint = $"memory:{diallerName}" },
            requests,
            replies,
            acceptor.Options.MaxFrameBytes);
        return (dialled, accepted);
    }

    public async ValueTask<Envelope?> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_failure is { } failure)
        {
            throw failure.For(failure.Fate);
        }

        if (await incoming.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } envelope)
        {
            End();
            return null;
        }

        return Fits(envelope) ? envelope : throw _failure!;
    }

    public bool TryRead(out Envelope envelope)
    {
        envelope = default;
        return _failure is null && incoming.TryRead(out envelope) && Fits(envelope);
    }

    public ValueTask WriteAsync(Envelope envelope, bool more = false, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            outgoing.Write(envelope, Peer);
            return ValueTask.CompletedTask;
        }
        catch (LinkException exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    public void Flush()
    {
    }

    public ValueTask DisposeAsync()
    {
        End();
        return ValueTask.CompletedTask;
    }

    /// <summary>Called once, when nobody else will be given this connection.</summary>
    public void OnYielded() => Release();

    private bool Fits(in Envelope envelope)
    {
        if (envelope.Payload.Utf8.Length <= maxFrameBytes)
        {
            return true;
        }

        _failure = new LinkException(
            LinkError.TooLarge,
            $"{Peer} sent a message larger than the limit of {maxFrameBytes} bytes; the connection is closed.",
            RequestFate.Unknown,
            Peer);
        End();
        return false;
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            outgoing.Close();
            incoming.Abandon();
            Release();
        }
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _holds) == 0)
        {
            owner.ReleasePlace();
        }
    }
}

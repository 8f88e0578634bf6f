using Link.Abstractions;
using Link.Abstractions.Json;
using Link.Logging;

namespace Link.Masterless;

/// <summary>One connection of a <see cref="MeshNode"/> with another node, as far as it is read.</summary>
/// <param name="link">The connection; disposed here.</param>
/// <param name="handlers">What takes the packets.</param>
/// <param name="options">The format.</param>
/// <param name="isReturn">Whether it takes the place of one that was lost.</param>
internal sealed class PeerSession(MeshLink link, NodeHandlers handlers, MeshOptions options, bool isReturn)
{
    private const int RoundsPerTurn = 4;

    private readonly CancellationTokenSource _over = new();
    private readonly HandlerRoom.Guest _guest = new();
    private readonly Lock _gate = new();
    private readonly long _begun = options.TimeProvider.GetTimestamp();
    private bool _isOver;

    /// <summary>The connection.</summary>
    public MeshLink Link => link;

    /// <summary>Whether it came of a loss and did not last: the next attempt must not follow at once, or the two would go on like that as fast as they can.</summary>
    public bool IsBriefReturn => isReturn && options.TimeProvider.GetElapsedTime(_begun) < options.HeartbeatInterval;

    /// <summary>From here on no packet is handed over.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        _ = _over.CancelAsync();
    }

    /// <summary>Reads until the end, and closes.</summary>
    /// <param name="announced">Ends when the user has heard of the connection.</param>
    /// <param name="sayKeep">Tells the peer whether this node keeps the connection; false when it is over.</param>
    /// <returns>What went wrong, or null.</returns>
    public async Task<LinkException?> RunAsync(Task announced, Func<PeerSession, bool> sayKeep)
    {
        LinkException? error = null;
        try
        {
            await announced.WaitAsync(_over.Token).ConfigureAwait(false);
            if (sayKeep(this))
            {
                await ReadAsync().ConfigureAwait(false);
            }
        }
        catch (LinkException exception)
        {
            error = exception;
        }
        catch (OperationCanceledException)
        {
            // It is over already.
        }
        catch (Exception exception)
        {
            // Not known to happen; but whoever waits for the end must hear of it.
            error = new LinkException(LinkError.ConnectionLost, $"Reading from {link.Peer} failed: {exception.Message}", RequestFate.Unknown, link.Peer, exception);
        }

        await link.DisposeAsync().ConfigureAwait(false);
        return error;
    }

    private async Task ReadAsync()
    {
        var rounds = 0;
        do
        {
            while (link.TryRead(out var json))
            {
                // A keep packet before this one may have ended it.
                if (Volatile.Read(ref _isOver) || !await HandOverAsync(json).ConfigureAwait(false))
                {
                    return;
                }
            }

            if (++rounds % RoundsPerTurn == 0)
            {
                // A peer that floods must not keep the thread from everybody else.
                await Task.Yield();
            }
        }
        while (!Volatile.Read(ref _isOver) && await link.FillAsync().ConfigureAwait(false));
    }

    private async ValueTask<bool> HandOverAsync(ReadOnlyMemory<byte> json)
    {
        if (options.Format == MeshFormat.Json && !JsonText.IsValid(json.Span))
        {
            throw link.Malformed($"no strict JSON: {Shown.Text(json.Span)}");
        }

        if (!await handlers.Room.EnterAsync(_guest, json.Length, _over.Token).ConfigureAwait(false))
        {
            // The node is being closed: what handlers still send goes out before the connection ends.
            await link.Closed.WaitAsync(_over.Token).ConfigureAwait(false);
            return false;
        }

        lock (_gate)
        {
            if (!_isOver)
            {
                handlers.Post(link.Id, json, _guest);
                return true;
            }
        }

        handlers.Room.Leave(_guest, json.Length);
        return false;
    }
}

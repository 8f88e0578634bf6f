using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Link.Abstractions;

namespace Link;

/// <summary>
/// The connections this process dialled, by name. Callers who want the same peer at the same time share one attempt; a lost
/// connection leaves the table, so that the next call dials anew. Safe for concurrent use.
/// </summary>
/// <param name="dial">Makes a session with the named peer, unless the token is cancelled first.</param>
internal sealed class PeerTable(Func<string, CancellationToken, Task<Session>> dial)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The peers with a live connection.</summary>
    public IReadOnlyCollection<Peer> Peers => [.. _entries.Values.Select(entry => entry.Live).OfType<Session>().Where(session => !session.HasEnded).Select(session => session.Peer)];

    public bool TryGet(string peer, [MaybeNullWhen(false)] out Session session)
    {
        session = _entries.TryGetValue(peer, out var entry) ? entry.Live : null;
        return session is { HasEnded: false };
    }

    /// <summary>
    /// The live session with the peer, the attempt under way, or a new attempt. An attempt that everybody has given up ends.
    /// </summary>
    /// <exception cref="TimeoutException">The time ran out.</exception>
    public async Task<Session> GetOrDialAsync(string peer, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var entry = Join(peer);
        try
        {
            return await entry.Attempt.Value.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            entry.Leave();
        }
    }

    /// <summary>Forgets a session, if it is still the one in the table.</summary>
    public void Remove(string peer, Session session)
    {
        if (_entries.TryGetValue(peer, out var entry) && entry.Live == session)
        {
            _entries.TryRemove(new KeyValuePair<string, Entry>(peer, entry));
        }
    }

    private Entry Join(string peer)
    {
        while (true)
        {
            var entry = _entries.GetOrAdd(peer, static (name, table) => new Entry(name, table), this);
            if (entry.Live is not { HasEnded: true } && entry.TryJoin())
            {
                return entry;
            }

            // Its end is known to those who waited for it, and still on its way to this table.
            _entries.TryRemove(new KeyValuePair<string, Entry>(peer, entry));
        }
    }

    private async Task<Session> DialAsync(string peer, Entry entry)
    {
        try
        {
            var session = await dial(peer, entry.GivenUp).ConfigureAwait(false);
            if (!entry.TrySetLive(session))
            {
                await session.CloseAsync(new LinkException(
                    LinkError.ConnectionLost, $"{session.Peer} is not wanted any more.", peer: session.Peer)).ConfigureAwait(false);
                entry.GivenUp.ThrowIfCancellationRequested();
            }

            // One that ended meanwhile has not found itself in the table.
            if (session.HasEnded)
            {
                Remove(peer, session);
            }

            return session;
        }
        catch
        {
            _entries.TryRemove(new KeyValuePair<string, Entry>(peer, entry));
            throw;
        }
    }

    private sealed class Entry
    {
        private readonly CancellationTokenSource _givenUp = new();
        private readonly Lock _gate = new();
        private volatile Session? _live;
        private int _waiting;
        private bool _isGivenUp;

        public Entry(string peer, PeerTable table) => Attempt = new Lazy<Task<Session>>(() => table.DialAsync(peer, this));

        public Lazy<Task<Session>> Attempt { get; }

        /// <summary>Cancelled when nobody waits for the attempt any more.</summary>
        public CancellationToken GivenUp => _givenUp.Token;

        public Session? Live => _live;

        /// <summary>False when the attempt has been given up meanwhile: nobody would ever find the session.</summary>
        public bool TrySetLive(Session session)
        {
            lock (_gate)
            {
                _live = _isGivenUp ? null : session;
                return !_isGivenUp;
            }
        }

        /// <summary>False when the attempt has been given up: it can only fail.</summary>
        public bool TryJoin()
        {
            lock (_gate)
            {
                _waiting++;
                return !_isGivenUp;
            }
        }

        public void Leave()
        {
            lock (_gate)
            {
                if (--_waiting > 0 || _isGivenUp || _live is not null || Attempt.Value.IsCompleted)
                {
                    return;
                }

                _isGivenUp = true;
            }

            // Nobody is left to see how it ends.
            _ = Attempt.Value.ContinueWith(
                static attempt => _ = attempt.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            _givenUp.Cancel();
        }
    }
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Link.Abstractions;

namespace Link;

/// <summary>
/// Every connection of a server in use, whoever dialled: takes what the transport yields and reads it. Safe for concurrent use.
/// </summary>
/// <param name="transport">Where connections come from.</param>
/// <param name="create">Makes the session of a connection.</param>
/// <param name="onFault">Told of the transport's faults.</param>
internal sealed class SessionTable(ITransport transport, Func<IConnection, Session> create, Action<LinkException> onFault)
{
    // A dialled connection comes twice, from the dial and from the transport, and may have ended before the second time.
    private readonly ConditionalWeakTable<IConnection, Session> _known = new();
    private readonly ConcurrentDictionary<Session, byte> _sessions = new();
    private readonly Lock _gate = new();
    private Task? _loops;

    public IEnumerable<Session> All => _sessions.Keys;

    /// <summary>Begins to take connections, once, however often it is called.</summary>
    public void Run()
    {
        lock (_gate)
        {
            using (ExecutionContext.SuppressFlow())
            {
                _loops ??= Task.WhenAll(Task.Run(AcceptAsync), Task.Run(ReadFaultsAsync));
            }
        }
    }

    /// <summary>The one session of a connection, begun if it has not been yet.</summary>
    public Session Start(IConnection connection)
    {
        var session = _known.GetValue(connection, create.Invoke);
        session.Start();
        return session;
    }

    /// <summary>Keeps a session that begins.</summary>
    public void Add(Session session) => _sessions[session] = 0;

    /// <summary>Forgets a session that has ended.</summary>
    public void Remove(Session session) => _sessions.TryRemove(session, out _);

    /// <summary>Ends every promise that is overdue.</summary>
    /// <returns>The earliest deadline that remains.</returns>
    public long EndOverdue(long now)
    {
        var next = long.MaxValue;
        foreach (var session in All)
        {
            next = Math.Min(next, session.EndOverdue(now));
        }

        return next;
    }

    /// <summary>Closes every session, then the transport, and waits for all loops.</summary>
    public async Task CloseAsync(LinkException reason)
    {
        await Task.WhenAll(All.Select(session => session.CloseAsync(reason))).ConfigureAwait(false);
        await transport.DisposeAsync().ConfigureAwait(false);
        await (_loops ?? Task.CompletedTask).ConfigureAwait(false);

        // Those that came between the first sweep and the end of the transport.
        await Task.WhenAll(All.Select(session => session.CloseAsync(reason))).ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        while (await transport.AcceptAsync(CancellationToken.None).ConfigureAwait(false) is { } connection)
        {
            Start(connection);
        }
    }

    private async Task ReadFaultsAsync()
    {
        await foreach (var fault in transport.Faults.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            onFault(fault);
        }
    }
}

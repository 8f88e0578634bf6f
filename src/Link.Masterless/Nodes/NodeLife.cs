using Link.Abstractions;
using Link.Logging;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>How the connections of a <see cref="MeshNode"/> begin, end and are made again (SPEC.md, "masterless: connections"). Safe for concurrent use.</summary>
internal sealed class NodeLife : IMeshEvents
{
    private const int KeepAttempts = 3;

    private readonly NodeHandlers _handlers;
    private readonly MeshOptions _options;
    private readonly Lock _gate;
    private bool _isClosed;

    /// <param name="id">The id of the node.</param>
    /// <param name="handlers">What takes packets, and is told of what happens.</param>
    /// <param name="options">The bounds.</param>
    public NodeLife(string id, NodeHandlers handlers, MeshOptions options)
    {
        _handlers = handlers;
        _options = options;
        Mesh = new Mesh(id, options, this);
        Others = new Acquaintances(Mesh.Nodes, options);
        _gate = Others.Gate;
    }

    /// <summary>What connects.</summary>
    public Mesh Mesh { get; }

    /// <summary>The other nodes.</summary>
    public Acquaintances Others { get; }

    /// <summary>Whether it is over.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Keeps that node from now on, or does not; says so if it is connected.</summary>
    /// <exception cref="LinkException">It could not be told: overloaded.</exception>
    public void Keep(string id, bool keeps)
    {
        lock (_gate)
        {
            Others.Mark(id, keeps);
            if (Others.Find(id)?.Session is { } session)
            {
                WriteKeep(session, countsAsSend: true);
            }
        }
    }

    /// <summary>Connects, and keeps the node if that is wanted, whoever opened the connection that came of it.</summary>
    /// <exception cref="LinkException">There is none.</exception>
    public async Task<string> ConnectAsync(Endpoint address, bool keep, CancellationToken cancellationToken)
    {
        using var wanted = keep ? Others.Want(address) : null;
        for (var attempt = 1; ; attempt++)
        {
            var link = await Mesh.ConnectAsync(address, null, keep, cancellationToken).ConfigureAwait(false);

            // One that the other node opened may have ended meanwhile, because neither kept it: it was there before, or announced another address.
            if (!keep || KeepOpen(link) || link.Handshake.Keeps || attempt == KeepAttempts)
            {
                return link.Id;
            }
        }
    }

    /// <summary>Ends the connection with that node, or the attempt to connect again.</summary>
    /// <returns>False when there is neither.</returns>
    public async Task<bool> DisconnectAsync(string id)
    {
        PeerSession? session;
        lock (_gate)
        {
            Others.Mark(id, keeps: false);
            if (Others.Find(id) is not { } known || (known.Session is null && known.Comeback is null))
            {
                return false;
            }

            session = known.Session;
            Part(known, null);
        }

        if (session is not null)
        {
            await session.Link.DisposeAsync().ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Ends all connections as far as the user is told; there are no more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var known in Others.All)
            {
                Part(known, null);
            }
        }
    }

    /// <inheritdoc/>
    public void OnConnected(MeshLink link)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                _ = link.DisposeAsync().AsTask();
                return;
            }

            if (link.Handshake.Keeps || (link.Handshake.AnnouncesItself && Others.IsWanted(link.Address)))
            {
                Others.Mark(link.Id, keeps: true);
            }

            var known = Others.FindOrAdd(link.Id);
            if (known.Session is { } old)
            {
                // It has left the table, so it is over, which its reader is about to find; this is the other node's attempt to connect again, or its next connection.
                End(old, null);
                known = Others.FindOrAdd(link.Id);
            }

            Attach(known, link);
        }
    }

    /// <inheritdoc/>
    public void OnForgotten(string id)
    {
        lock (_gate)
        {
            if (Others.Find(id) is { Session: null, Comeback: null } known && !Mesh.Nodes.IsKnown(id))
            {
                Others.Remove(known, new LinkException(LinkError.ConnectionLost, $"The handshake with {Shown.Text(id)} failed; the packet was not sent."));
            }
        }
    }

    /// <inheritdoc/>
    public void OnFault(LinkException fault) => _handlers.Reports.Fault(fault);

    /// <summary>Keeps the node of a connection, if that is not over yet.</summary>
    private bool KeepOpen(MeshLink link)
    {
        lock (_gate)
        {
            if (Others.Find(link.Id)?.Session?.Link != link)
            {
                return false;
            }

            if (!Others.IsKept(link.Id))
            {
                Keep(link.Id, keeps: true);
            }

            return true;
        }
    }

    private void Attach(Acquaintance known, MeshLink link)
    {
        var isReturn = known.Comeback is not null;
        var session = new PeerSession(link, _handlers, _options, isReturn);
        known.Unsent.WriteTo(link);
        known.Session = session;
        known.StopComeback();
        var announced = isReturn ? Task.CompletedTask : _handlers.Reports.Connected(link);
        link.OnKeep = _ => OnKeep(session);
        Start(() => RunAsync(session, announced));
    }

    /// <summary>Not on the thread, and not in the context, of whoever connects.</summary>
    private static void Start(Func<Task> work) => ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work(), work, preferLocal: false);

    private async Task RunAsync(PeerSession session, Task announced)
    {
        var error = await session.RunAsync(announced, SayKeep).ConfigureAwait(false);
        lock (_gate)
        {
            End(session, error);
        }
    }

    private bool SayKeep(PeerSession session)
    {
        lock (_gate)
        {
            if (Others.Find(session) is null)
            {
                return false;
            }

            WriteKeep(session, countsAsSend: false);
            return true;
        }
    }

    private void WriteKeep(PeerSession session, bool countsAsSend)
    {
        try
        {
            session.Link.WriteKeep(Others.IsKept(session.Link.Id), countsAsSend);
        }
        catch (LinkException exception) when (exception.Error != LinkError.Overloaded)
        {
            // It is closed, as its reader will find; what comes after it is told anew.
        }
    }

    /// <summary>The other node has said whether it keeps the connection: one that neither keeps is closed by its reader.</summary>
    private void OnKeep(PeerSession session)
    {
        lock (_gate)
        {
            if (session.Link.RemoteKeeps == false && Others.Find(session) is { } known && !Others.IsKept(known.Id))
            {
                Part(known, null);
            }
        }
    }

    /// <summary>A connection is over: either an attempt to connect again follows, or the user is told.</summary>
    private void End(PeerSession session, LinkException? error)
    {
        if (Others.Find(session) is not { } known)
        {
            return;
        }

        if (!Others.IsKept(known.Id))
        {
            Part(known, error);
            return;
        }

        var comeback = new Comeback(session, error, _options);
        session.Stop();
        known.Session = null;
        known.Comeback = comeback;
        _handlers.Reports.Lost(session.Link, error);
        Start(() => ConnectAgainAsync(known, comeback));
    }

    private async Task ConnectAgainAsync(Acquaintance known, Comeback comeback)
    {
        LinkException failure;
        try
        {
            failure = await comeback.RunAsync(Mesh).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lock (_gate)
        {
            // Otherwise it is back: what connects is attached before anybody else sees it.
            if (known.Comeback == comeback)
            {
                Part(known, failure);
            }
        }
    }

    /// <summary>There is nothing with that node any more.</summary>
    private void Part(Acquaintance known, LinkException? error)
    {
        var wasConnected = known.Session is not null || known.Comeback is not null;
        known.Session?.Stop();
        known.Session = null;
        known.StopComeback();
        Others.Mark(known.Id, keeps: false);
        Others.Remove(known, error ?? new LinkException(LinkError.ConnectionLost, $"The connection with {Shown.Text(known.Id)} was closed; the packet was not sent."));
        if (wasConnected)
        {
            _handlers.Reports.Disconnected(known.Id, error);
        }
    }
}

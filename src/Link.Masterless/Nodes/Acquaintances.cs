using Link.Abstractions;
using Link.Logging;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>
/// The nodes that a <see cref="MeshNode"/> has to do with, and which of them it keeps (SPEC.md, "masterless: connections"). What the user is told of comings and
/// goings is posted under the lock, so that it comes in order. Safe for concurrent use.
/// </summary>
internal sealed class Acquaintances : IMeshEvents
{
    private readonly Dictionary<string, Acquaintance> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly MeshNode _node;
    private readonly MeshOptions _options;
    private bool _isClosed;

    /// <param name="node">Told of what happens.</param>
    /// <param name="options">The bounds.</param>
    public Acquaintances(MeshNode node, MeshOptions options)
    {
        _node = node;
        _options = options;
        Mesh = new Mesh(node.Id, options, this);
    }

    /// <summary>What connects.</summary>
    public Mesh Mesh { get; }

    /// <summary>Whether it has been closed.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>The ids of all nodes that are connected.</summary>
    public IReadOnlyCollection<string> Connected
    {
        get
        {
            lock (_gate)
            {
                return [.. _known.Values.Where(known => known.Session is not null).Select(known => known.Id)];
            }
        }
    }

    /// <summary>Whether this node keeps that one.</summary>
    public bool IsKept(string id)
    {
        lock (_gate)
        {
            return _kept.Contains(id);
        }
    }

    /// <summary>Keeps that node from now on, or does not; says so if it is connected.</summary>
    /// <returns>Whether it is connected.</returns>
    /// <exception cref="LinkException">It could not be told: overloaded or closed.</exception>
    public bool Keep(string id, bool keeps)
    {
        lock (_gate)
        {
            _ = keeps ? _kept.Add(id) : _kept.Remove(id);
            if (Find(id)?.Session is not { } session)
            {
                return false;
            }

            session.Link.WriteKeep(keeps, countsAsSend: true);
            return true;
        }
    }

    /// <summary>Connects, and keeps the node if that is wanted, whoever opened the connection that came of it.</summary>
    /// <exception cref="LinkException">There is none.</exception>
    public async Task<string> ConnectAsync(Endpoint address, bool keep, CancellationToken cancellationToken)
    {
        const int Attempts = 3;
        for (var attempt = 1; ; attempt++)
        {
            var link = await Mesh.ConnectAsync(address, null, keep, cancellationToken).ConfigureAwait(false);

            // A connection that the peer opened may have ended meanwhile, because neither kept it.
            if (!keep || link.Handshake.Keeps || KeepOpen(link) || attempt == Attempts)
            {
                return link.Id;
            }
        }
    }

    /// <summary>Ends the connection with that node, or the attempt to return to it.</summary>
    /// <returns>False when there is neither.</returns>
    public async Task<bool> DisconnectAsync(string id)
    {
        PeerSession? session;
        lock (_gate)
        {
            _kept.Remove(id);
            if (Find(id) is not { } known || (known.Session is null && known.Return is null))
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

    /// <summary>Sends, or has the packet wait for the handshake or the attempt to return that is under way.</summary>
    /// <returns>What ends when it is handed over; null when the node is not known.</returns>
    /// <exception cref="LinkException">It was not sent.</exception>
    public Task? Send(string id, ReadOnlyMemory<byte> wire, CancellationToken cancellationToken)
    {
        PeerSession? broken = null;
        LinkException? cause = null;
        while (true)
        {
            PeerSession? session;
            lock (_gate)
            {
                session = Find(id)?.Session;
                if (session is null || session == broken)
                {
                    return Queue(id, wire, cause) is { } packet ? WaitAsync(id, packet, cancellationToken) : null;
                }
            }

            try
            {
                session.Link.WriteEncoded(wire);
                return Task.CompletedTask;
            }
            catch (LinkException exception) when (exception.Error is not (LinkError.TooLarge or LinkError.Overloaded))
            {
                // The connection is gone, which has not been seen here yet.
                (broken, cause) = (session, exception);
            }
        }
    }

    /// <summary>Ends all connections as far as the user is told; connects no more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _kept.Clear();
            foreach (var known in _known.Values.ToList())
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

            if (link.Handshake.Keeps)
            {
                _kept.Add(link.Id);
            }

            if (Find(link.Id) is { Session: { } old })
            {
                // It has left the table, so it is over, and whoever reads it will see that; and this is the other side's attempt to return, or its next connection.
                End(old, null);
            }

            Attach(link);
        }
    }

    /// <inheritdoc/>
    public void OnForgotten(string id)
    {
        lock (_gate)
        {
            if (Find(id) is { Session: null, Return: null } known && !Mesh.Nodes.IsKnown(id))
            {
                known.Unsent.Fail(new LinkException(LinkError.ConnectionLost, $"The handshake with {Shown.Text(id)} failed; the packet was not sent."));
                _known.Remove(id);
            }
        }
    }

    /// <inheritdoc/>
    public void OnFault(LinkException fault) => _node.Report(fault);

    private Acquaintance? Find(string id) => _known.GetValueOrDefault(id);

    private Acquaintance FindOrAdd(string id)
    {
        if (Find(id) is { } known)
        {
            return known;
        }

        return _known[id] = new Acquaintance(id, _options);
    }

    private bool KeepOpen(MeshLink link)
    {
        lock (_gate)
        {
            return Find(link.Id)?.Session?.Link == link && (_kept.Contains(link.Id) || Keep(link.Id, keeps: true));
        }
    }

    private void Attach(MeshLink link)
    {
        var known = FindOrAdd(link.Id);
        var isReturn = known.Return is not null;
        var session = new PeerSession(link, _node.Handlers, _options, isReturn);
        known.Unsent.WriteTo(link);
        known.Session = session;
        known.StopReturning();
        var announced = isReturn ? Task.CompletedTask : _node.OnConnected(link);
        link.OnKeep = _ => OnKeep(session);
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.This.RunAsync(work.Session, work.Announced), (This: this, Session: session, Announced: announced), preferLocal: false);
    }

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
            if (Find(session.Link.Id)?.Session != session)
            {
                return false;
            }

            session.Link.WriteKeep(_kept.Contains(session.Link.Id), countsAsSend: false);
            return true;
        }
    }

    /// <summary>The reader has taken a keep packet.</summary>
    private void OnKeep(PeerSession session)
    {
        lock (_gate)
        {
            if (session.Link.RemoteKeeps == false && Find(session.Link.Id) is { } known && known.Session == session && !_kept.Contains(known.Id))
            {
                Part(known, null);
            }
        }
    }

    /// <summary>A connection is over: either an attempt to return follows, or the user is told.</summary>
    private void End(PeerSession session, LinkException? error)
    {
        if (Find(session.Link.Id) is not { } known || known.Session != session)
        {
            return;
        }

        if (!_kept.Contains(known.Id))
        {
            Part(known, error);
            return;
        }

        session.Stop();
        known.Session = null;
        known.Return = new CancellationTokenSource();
        _node.OnReturning(session.Link, error);
        _ = Task.Run(() => ReturnAsync(known, known.Return, session, error));
    }

    /// <summary>There is nothing with that node any more.</summary>
    private void Part(Acquaintance known, LinkException? error)
    {
        _known.Remove(known.Id);
        _kept.Remove(known.Id);
        known.Unsent.Fail(error ?? new LinkException(LinkError.ConnectionLost, $"The connection with {Shown.Text(known.Id)} was closed; the packet was not sent."));
        known.Session?.Stop();
        if (known.Session is not null || known.Return is not null)
        {
            _node.OnDisconnected(known.Id, error);
        }

        known.Session = null;
        known.StopReturning();
    }

    private async Task ReturnAsync(Acquaintance known, CancellationTokenSource attempt, PeerSession lost, LinkException? cause)
    {
        LinkException failure;
        try
        {
            await lost.Link.DisposeAsync().ConfigureAwait(false);
            if (lost.IsBriefReturn)
            {
                await Task.Delay(_options.HeartbeatInterval, _options.TimeProvider, attempt.Token).ConfigureAwait(false);
            }

            var link = await Mesh.ConnectAsync(lost.Link.Address, known.Id, keeps: false, attempt.Token).ConfigureAwait(false);
            failure = new LinkException(LinkError.ConnectionLost, $"The connection with {link.Peer} was lost at once.", peer: link.Peer);
        }
        catch (LinkException exception)
        {
            failure = exception;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lock (_gate)
        {
            // Otherwise it has returned: what connects is attached before anybody else sees it.
            if (known.Return == attempt)
            {
                Part(known, Loss(lost, cause, failure));
            }
        }
    }

    private UnsentPacket? Queue(string id, ReadOnlyMemory<byte> wire, LinkException? cause)
    {
        var known = Find(id);
        if (known?.Session is not null && !_kept.Contains(id))
        {
            throw cause!.For(RequestFate.NotSent);
        }

        return known?.Session is not null || known?.Return is not null || Mesh.Nodes.IsKnown(id) ? FindOrAdd(id).Unsent.Add(id, wire.Span) : null;
    }

    private async Task WaitAsync(string id, UnsentPacket packet, CancellationToken cancellationToken)
    {
        // Longer than a handshake or an attempt to return takes: each has bounds of its own.
        var longest = 2 * (_options.ConnectTimeout + _options.HandshakeTimeout + _options.HeartbeatInterval);
        try
        {
            await packet.Sent.Task.WaitAsync(longest, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            lock (_gate)
            {
                Find(id)?.Unsent.Remove(packet);
            }

            if (packet.Sent.Task.IsCompleted)
            {
                await packet.Sent.Task.ConfigureAwait(false);
                return;
            }

            if (exception is TimeoutException)
            {
                throw new LinkException(LinkError.Timeout, $"The packet was not sent: there was no connection with {Shown.Text(id)} within {longest.TotalSeconds:0.###} s.");
            }

            throw;
        }
    }

    private static LinkException Loss(PeerSession lost, LinkException? cause, LinkException failure) => new(
        LinkError.ConnectionLost,
        $"The connection with {lost.Link.Peer} was lost ({cause?.Message ?? "the node closed it"}), and connecting again failed: {failure.Message}",
        RequestFate.Unknown,
        lost.Link.Peer,
        failure);
}

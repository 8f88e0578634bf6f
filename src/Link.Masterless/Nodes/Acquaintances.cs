using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>The nodes that a <see cref="MeshNode"/> has to do with, and those it keeps. What changes it has the lock; see each method.</summary>
/// <param name="nodes">The connections and handshakes.</param>
/// <param name="options">The bounds.</param>
internal sealed class Acquaintances(NodeTable nodes, MeshOptions options)
{
    private readonly Dictionary<string, Acquaintance> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);
    private readonly List<Endpoint> _wanted = [];

    /// <summary>The lock. What the user is told of comings and goings is posted under it, so that it comes in order.</summary>
    public Lock Gate { get; } = new();

    /// <summary>All of them. Under the lock.</summary>
    public IReadOnlyCollection<Acquaintance> All => [.. _known.Values];

    /// <summary>The ids of all nodes that are connected.</summary>
    public IReadOnlyCollection<string> Connected
    {
        get
        {
            lock (Gate)
            {
                return [.. _known.Values.Where(known => known.Session is not null).Select(known => known.Id)];
            }
        }
    }

    /// <summary>Whether that node is kept.</summary>
    public bool IsKept(string id)
    {
        lock (Gate)
        {
            return _kept.Contains(id);
        }
    }

    /// <summary>Keeps that node from now on, or does not. Under the lock.</summary>
    public void Mark(string id, bool keeps) => _ = keeps ? _kept.Add(id) : _kept.Remove(id);

    /// <summary>Says, until the disposal, that the user is connecting there to keep whoever it is: the connection that is chosen may be the one that the other node opens.</summary>
    public IDisposable Want(Endpoint address)
    {
        lock (Gate)
        {
            _wanted.Add(address);
        }

        return new Wanted(this, address);
    }

    /// <summary>Whether the user is connecting there to keep whoever it is. Under the lock.</summary>
    public bool IsWanted(Endpoint address) => _wanted.Contains(address);

    /// <summary>What there is with that node, or null. Under the lock.</summary>
    public Acquaintance? Find(string id) => _known.GetValueOrDefault(id);

    /// <summary>What there is with that node, if this is its connection; or null. Under the lock.</summary>
    public Acquaintance? Find(PeerSession session) => Find(session.Link.Id) is { } known && known.Session == session ? known : null;

    /// <summary>What there is with that node. Under the lock.</summary>
    public Acquaintance FindOrAdd(string id)
    {
        if (!_known.TryGetValue(id, out var known))
        {
            _known[id] = known = new Acquaintance(id, options);
        }

        return known;
    }

    /// <summary>There is nothing with that node any more; what waits for it fails. Under the lock.</summary>
    public void Remove(Acquaintance known, LinkException cause)
    {
        known.Unsent.Fail(cause);
        _known.Remove(known.Id);
    }

    /// <summary>
    /// Says over which connection a packet goes to that node; when there is none, has it wait for the handshake or the attempt to connect again that is under way.
    /// </summary>
    /// <param name="id">The node.</param>
    /// <param name="wire">The packet.</param>
    /// <param name="broken">A connection that does not take it; null when none was tried.</param>
    /// <param name="cause">Why it does not.</param>
    /// <param name="packet">What waits; null when the node is not known.</param>
    /// <exception cref="LinkException">Nothing was sent, and nothing waits.</exception>
    public PeerSession? Route(string id, ReadOnlySpan<byte> wire, PeerSession? broken, LinkException? cause, out UnsentPacket? packet)
    {
        lock (Gate)
        {
            packet = null;
            var known = Find(id);
            if (known?.Session is { } session)
            {
                if (session != broken)
                {
                    return session;
                }

                if (!_kept.Contains(id))
                {
                    throw cause!.For(RequestFate.NotSent);
                }
            }

            if (known?.Session is not null || known?.Comeback is not null || nodes.IsKnown(id))
            {
                packet = FindOrAdd(id).Unsent.Add(id, wire);
            }

            return null;
        }
    }

    /// <summary>Has a packet wait no longer; false when it does not.</summary>
    public bool Withdraw(string id, UnsentPacket packet)
    {
        lock (Gate)
        {
            return Find(id)?.Unsent.Remove(packet) ?? false;
        }
    }

    private sealed class Wanted(Acquaintances others, Endpoint address) : IDisposable
    {
        public void Dispose()
        {
            lock (others.Gate)
            {
                others._wanted.Remove(address);
            }
        }
    }
}

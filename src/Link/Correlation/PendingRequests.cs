using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Link.Abstractions;

namespace Link;

/// <summary>
/// The promises of one connection, by id: a reply on another connection is no reply (SPEC.md, One.18-19). Whoever removes an
/// entry settles it. Safe for concurrent use.
/// </summary>
/// <param name="limit">How many entries it may hold.</param>
internal sealed class PendingRequests(int limit)
{
    // Made on the first request: most accepted connections never send one.
    private ConcurrentDictionary<RequestId, PendingRequest>? _entries;
    private volatile LinkException? _failure;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>True once <see cref="FailAll"/> has been called.</summary>
    public bool HasFailed => _failure is not null;

    /// <summary>Adds a promise, before any byte of its request is written.</summary>
    /// <exception cref="LinkException">The connection has failed, or holds too many already.</exception>
    /// <exception cref="ArgumentException">The id is already pending.</exception>
    public void Add(RequestId id, PendingRequest request, Peer peer)
    {
        if (Interlocked.Increment(ref _count) > limit)
        {
            Interlocked.Decrement(ref _count);
            throw new LinkException(LinkError.Overloaded, $"{limit} requests to {peer} already wait for their replies.", peer: peer);
        }

        if (!Entries.TryAdd(id, request))
        {
            Interlocked.Decrement(ref _count);
            throw new ArgumentException($"A request with the id {id} to {peer} is already pending.");
        }

        // FailAll marks, then sweeps: whichever of the two comes second sees the other.
        if (_failure is { } failure && TryRemove(id, request))
        {
            throw failure.For(RequestFate.NotSent);
        }
    }

    public bool TryRemove(RequestId id, [MaybeNullWhen(false)] out PendingRequest request)
    {
        if (_entries is not { } entries || !entries.TryRemove(id, out request))
        {
            request = null;
            return false;
        }

        Interlocked.Decrement(ref _count);
        return true;
    }

    /// <summary>Removes this very request: after its end another may have its id.</summary>
    public bool TryRemove(RequestId id, PendingRequest request)
    {
        if (_entries is not { } entries || !entries.TryRemove(new KeyValuePair<RequestId, PendingRequest>(id, request)))
        {
            return false;
        }

        Interlocked.Decrement(ref _count);
        return true;
    }

    /// <summary>Removes everything, now and in future, and gives it to the caller to settle.</summary>
    public IEnumerable<PendingRequest> FailAll(LinkException failure)
    {
        _failure = failure;
        return RemoveWhere(static _ => true);
    }

    /// <summary>Removes what is overdue, and tells the earliest deadline that remains.</summary>
    public IReadOnlyList<PendingRequest> RemoveOverdue(long now, out long nextDeadline)
    {
        var next = long.MaxValue;
        var overdue = RemoveWhere(request =>
        {
            if (request.Deadline <= now)
            {
                return true;
            }

            next = Math.Min(next, request.Deadline);
            return false;
        });
        nextDeadline = next;
        return overdue;
    }

    private ConcurrentDictionary<RequestId, PendingRequest> Entries =>
        _entries ?? Interlocked.CompareExchange(ref _entries, new ConcurrentDictionary<RequestId, PendingRequest>(), null) ?? _entries;

    private List<PendingRequest> RemoveWhere(Func<PendingRequest, bool> condition)
    {
        var removed = new List<PendingRequest>();
        if (_entries is { } entries)
        {
            foreach (var (id, request) in entries)
            {
                if (condition(request) && TryRemove(id, request))
                {
                    removed.Add(request);
                }
            }
        }

        return removed;
    }
}

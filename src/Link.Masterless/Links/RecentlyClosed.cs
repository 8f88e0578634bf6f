using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>
/// Where this node closed a connection a moment ago: the peer may not have seen it yet, and refuse another one for as long. Bounded; safe for concurrent use.
/// </summary>
/// <param name="memory">How long it is remembered.</param>
/// <param name="time">The clock.</param>
internal sealed class RecentlyClosed(TimeSpan memory, TimeProvider time)
{
    private const int Most = 4096;

    private readonly Dictionary<Endpoint, long> _closed = [];

    /// <summary>Remembers that a connection was closed, by where it led.</summary>
    public void Add(Handshake closed)
    {
        foreach (var address in AddressesOf(closed))
        {
            Add(address);
        }
    }

    /// <summary>Whether a connection that led to the same place was closed a moment ago.</summary>
    public bool Contains(Handshake dial) => AddressesOf(dial).Any(Contains);

    /// <summary>Remembers that a connection with the node there was closed.</summary>
    public void Add(Endpoint address)
    {
        lock (_closed)
        {
            if (_closed.Count >= Most)
            {
                foreach (var (old, since) in _closed)
                {
                    if (time.GetElapsedTime(since) > memory)
                    {
                        _closed.Remove(old);
                    }
                }
            }

            if (_closed.Count < Most)
            {
                _closed[address] = time.GetTimestamp();
            }
        }
    }

    /// <summary>Whether a connection with the node there was closed a moment ago.</summary>
    public bool Contains(Endpoint address)
    {
        lock (_closed)
        {
            return _closed.TryGetValue(address, out var since) && time.GetElapsedTime(since) <= memory;
        }
    }

    /// <summary>As it is written, and in numbers.</summary>
    private static IEnumerable<Endpoint> AddressesOf(Handshake handshake) => new[] { handshake.Address, handshake.ResolvedAddress }.OfType<Endpoint>().Distinct();
}

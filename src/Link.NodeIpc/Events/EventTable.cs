namespace Link.NodeIpc.Events;

/// <summary>Which handlers a type has, in the order in which they came. Safe for concurrent use.</summary>
internal sealed class EventTable
{
    private readonly Dictionary<string, List<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public void Add(string type, Delegate handler, bool once)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(type, out var entries))
            {
                _entries.Add(type, entries = []);
            }

            entries.Add(new Entry(handler, once));
        }
    }

    /// <summary>Removes a handler as often as it was added, or all of the type when none is given.</summary>
    public void Remove(string type, Delegate? handler)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(type, out var entries) &&
                (handler is null || (entries.RemoveAll(entry => entry.Handler == handler) > 0 && entries.Count == 0)))
            {
                _entries.Remove(type);
            }
        }
    }

    /// <summary>The handlers for one message; those that are to run once are gone afterwards.</summary>
    public Delegate[] Take(string type)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(type, out var entries))
            {
                return [];
            }

            Delegate[] handlers = [.. entries.Select(entry => entry.Handler)];
            if (entries.RemoveAll(entry => entry.Once) > 0 && entries.Count == 0)
            {
                _entries.Remove(type);
            }

            return handlers;
        }
    }

    private readonly record struct Entry(Delegate Handler, bool Once);
}

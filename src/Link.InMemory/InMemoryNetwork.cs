namespace Link.InMemory;

/// <summary>
/// The names that a group of <see cref="InMemoryTransport"/>s share: one per test keeps tests apart. Safe for concurrent use.
/// </summary>
public sealed class InMemoryNetwork
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, InMemoryTransport> _owners = new(StringComparer.Ordinal);

    internal bool TryClaim(string name, InMemoryTransport owner)
    {
        lock (_gate)
        {
            return _owners.TryAdd(name, owner);
        }
    }

    internal void Release(string name)
    {
        lock (_gate)
        {
            _owners.Remove(name);
        }
    }

    internal InMemoryTransport? Find(string name)
    {
        lock (_gate)
        {
            return _owners.GetValueOrDefault(name);
        }
    }
}

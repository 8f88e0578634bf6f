using System.Collections.Concurrent;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>Which connection has which name. Safe for concurrent use.</summary>
/// <param name="maxNames">How many names there may be.</param>
internal sealed class NameTable(int maxNames)
{
    private readonly ConcurrentDictionary<string, BridgeNode> _names = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>All names, as they are now.</summary>
    public IReadOnlyCollection<string> Names => [.. _names.Keys];

    /// <summary>All names and their connections; somebody may join or leave meanwhile.</summary>
    public IEnumerable<KeyValuePair<string, BridgeNode>> All => _names;

    /// <summary>The connection of a name, or null.</summary>
    public BridgeNode? Find(string name) => _names.GetValueOrDefault(name);

    /// <summary>Gives a name to a connection.</summary>
    /// <param name="name">The name.</param>
    /// <param name="node">The connection.</param>
    /// <param name="acknowledge">Called before anybody can find the name, so that nothing comes before the acknowledgement; short.</param>
    /// <returns>Null, or the error that refuses it.</returns>
    public string? Register(string name, BridgeNode node, Action acknowledge)
    {
        lock (_gate)
        {
            if (_names.ContainsKey(name))
            {
                return FlicErrors.DuplicateNode;
            }

            if (_names.Count >= maxNames)
            {
                return FlicErrors.Overloaded;
            }

            acknowledge();
            _names[name] = node;
            return null;
        }
    }

    /// <summary>Frees all names of a connection.</summary>
    public void Release(BridgeNode node)
    {
        lock (_gate)
        {
            foreach (var name in node.Names)
            {
                _names.TryRemove(name, out _);
            }
        }
    }
}

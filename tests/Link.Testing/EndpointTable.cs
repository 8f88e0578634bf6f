using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Link.Testing;

/// <summary>A table of endpoints that makes one up for every name it is asked for. Thread-safe.</summary>
/// <param name="make">The endpoint of a new name, such as <c>tcp://127.0.0.1:12345</c>; null for a name that is to have none.</param>
public sealed class EndpointTable(Func<string, string?> make) : IReadOnlyDictionary<string, string>
{
    private readonly ConcurrentDictionary<string, Lazy<string?>> _entries = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<string> Keys => Entries.Select(entry => entry.Key);

    /// <inheritdoc/>
    public IEnumerable<string> Values => Entries.Select(entry => entry.Value);

    /// <inheritdoc/>
    public int Count => Entries.Count();

    private IEnumerable<KeyValuePair<string, string>> Entries =>
        from entry in _entries
        where entry.Value.Value is not null
        select KeyValuePair.Create(entry.Key, entry.Value.Value!);

    /// <inheritdoc/>
    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        value = _entries.GetOrAdd(key, name => new Lazy<string?>(() => make(name))).Value;
        return value is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => Entries.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

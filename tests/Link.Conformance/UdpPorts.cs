using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Link.Conformance;

/// <summary>A table of endpoints in which every name has one, from the first time it is looked up on: a port that nobody uses.</summary>
internal sealed class UdpPorts(string scheme, IPAddress address) : IReadOnlyDictionary<string, string>
{
    // Below those that the kernel gives to whoever dials.
    private const int FirstPort = 10_000;
    private const int LastPort = 30_000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    private readonly ConcurrentDictionary<string, Lazy<string>> _endpoints = new(StringComparer.Ordinal);

    public int Count => _endpoints.Count;

    public IEnumerable<string> Keys => _endpoints.Keys;

    public IEnumerable<string> Values => _endpoints.Values.Select(endpoint => endpoint.Value);

    public string this[string key] => _endpoints.GetOrAdd(key, _ => new Lazy<string>(Choose)).Value;

    public bool ContainsKey(string key) => key.Length > 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        value = key.Length > 0 ? this[key] : null;
        return value is not null;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        _endpoints.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private string Choose()
    {
        while (true)
        {
            var port = Random.Shared.Next(FirstPort, LastPort);
            if (IsFree(port) && Given.TryAdd(port, true))
            {
                return $"{scheme}://{(address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address)}:{port}";
            }
        }
    }

    private bool IsFree(int port)
    {
        using var probe = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            probe.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

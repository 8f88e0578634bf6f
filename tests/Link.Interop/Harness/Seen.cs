using System.Threading.Channels;
using Link.Testing;

namespace Link.Interop.Harness;

/// <summary>What handlers of a test saw, in order.</summary>
internal sealed class Seen<T>
{
    private readonly Channel<T> _items = Channel.CreateUnbounded<T>();

    /// <summary>How much has been seen and not been taken.</summary>
    public int Count => _items.Reader.Count;

    /// <summary>Called by the handlers.</summary>
    public void Add(T item) => _items.Writer.TryWrite(item);

    /// <summary>Waits for the next one.</summary>
    public Task<T> NextAsync() => Within.Deadline(_items.Reader.ReadAsync());

    /// <summary>Waits for so many.</summary>
    public async Task<T[]> NextAsync(int count)
    {
        var items = new T[count];
        for (var index = 0; index < count; index++)
        {
            items[index] = await NextAsync();
        }

        return items;
    }
}

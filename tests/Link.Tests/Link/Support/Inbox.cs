using System.Threading.Channels;
using Link.Testing;

namespace Link.Tests.Support;

/// <summary>Keeps what comes, for a test to wait for it in its order.</summary>
internal sealed class Inbox<T>
{
    private readonly Channel<T> _items = Channel.CreateUnbounded<T>();

    public void Put(T item) => _items.Writer.TryWrite(item);

    public Task<T> NextAsync() => Within.Deadline(_items.Reader.ReadAsync());

    /// <summary>False when nothing has come that was not taken.</summary>
    public bool TryNext(out T? item) => _items.Reader.TryRead(out item);
}

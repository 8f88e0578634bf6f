using System.Buffers;
using System.Threading.Channels;

namespace Link.Streams.Datagrams;

/// <summary>
/// Datagrams that wait for their reader, up to a number of bytes. One reader; adding and completing may come from anywhere.
/// </summary>
/// <param name="maxBytes">How many bytes may wait.</param>
internal sealed class DatagramInbox(int maxBytes)
{
    // So that a flood of tiny datagrams is bounded by what it really costs.
    private const int Overhead = 128;

    private readonly Channel<Datagram> _waiting = Channel.CreateUnbounded<Datagram>(new UnboundedChannelOptions { SingleReader = true });
    private int _bytes;

    /// <summary>True when nothing waits.</summary>
    public bool IsEmpty => Volatile.Read(ref _bytes) == 0;

    /// <summary>Adds a copy; false when it does not fit, or nobody will read it.</summary>
    public bool TryAdd(ReadOnlySpan<byte> datagram)
    {
        var cost = datagram.Length + Overhead;
        if (Interlocked.Add(ref _bytes, cost) <= maxBytes)
        {
            var copy = ArrayPool<byte>.Shared.Rent(datagram.Length);
            datagram.CopyTo(copy);
            if (_waiting.Writer.TryWrite(new Datagram(copy, datagram.Length)))
            {
                return true;
            }

            ArrayPool<byte>.Shared.Return(copy);
        }

        Interlocked.Add(ref _bytes, -cost);
        return false;
    }

    /// <summary>Takes the oldest; it belongs to the caller.</summary>
    public bool TryTake(out Datagram datagram)
    {
        if (!_waiting.Reader.TryRead(out datagram))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -(datagram.Length + Overhead));
        return true;
    }

    /// <summary>False when it is empty and completed.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _waiting.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes no more; what waits can still be read.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    /// <summary>The bytes of one datagram, in an array of the pool.</summary>
    internal readonly record struct Datagram(byte[] Array, int Length)
    {
        /// <summary>Gives the array back; the default value has none.</summary>
        public void Release()
        {
            if (Array is not null)
            {
                ArrayPool<byte>.Shared.Return(Array);
            }
        }
    }
}

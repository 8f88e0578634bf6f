using System.Diagnostics;
using System.Net.Sockets;

namespace Link.Streams;

/// <summary>
/// A socket whose reads look again and again for a short time before they wait: an answer that is already under way is
/// then had without the price of sleeping and waking. Backs off while that does not pay, as when the cores are busy.
/// </summary>
/// <param name="socket">A connected stream socket; owned, and made non-blocking.</param>
public sealed class SpinningSocketStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    // About the time that one wait costs: spinning longer costs more than it can save.
    private static readonly long SpinTicks = Stopwatch.Frequency * 50 / 1_000_000;

    // A gap between two looks that long means that this thread was put aside: the core is wanted elsewhere.
    private static readonly long PreemptedTicks = Stopwatch.Frequency * 20 / 1_000_000;

    private const int MostSkipped = 256;

    private int _skip;
    private int _nextSkip = 1;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || Environment.ProcessorCount == 1 || cancellationToken.IsCancellationRequested)
        {
            return base.ReadAsync(buffer, cancellationToken);
        }

        if (_skip > 0)
        {
            _skip--;
        }
        else if (TrySpin(buffer.Span, out var count))
        {
            _nextSkip = 1;
            return new ValueTask<int>(count);
        }
        else
        {
            _skip = _nextSkip;
            _nextSkip = Math.Min(_nextSkip * 2, MostSkipped);
        }

        return base.ReadAsync(buffer, cancellationToken);
    }

    private bool TrySpin(Span<byte> buffer, out int count)
    {
        Socket.Blocking = false;
        var start = Stopwatch.GetTimestamp();
        for (var last = start; ;)
        {
            count = Socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.Success)
            {
                return true;
            }

            var now = Stopwatch.GetTimestamp();
            if (error != SocketError.WouldBlock || now - start > SpinTicks || now - last > PreemptedTicks)
            {
                return false;
            }

            last = now;
        }
    }
}

using System.Diagnostics;
using System.Net.Sockets;

namespace Link.Streams.Sockets;

/// <summary>
/// Looks at a socket again and again for a short time before its reader waits: an answer that is already under way is
/// then had without the price of sleeping and waking. Backs off while that does not pay, as when the cores are busy.
/// </summary>
/// <param name="socket">A connected socket; made non-blocking.</param>
internal sealed class SpinningReader(Socket socket)
{
    // About the time that one wait costs: spinning longer costs more than it can save.
    private static readonly long SpinTicks = Stopwatch.Frequency * 50 / 1_000_000;

    // A gap between two looks that long means that this thread was put aside: the core is wanted elsewhere.
    private static readonly long PreemptedTicks = Stopwatch.Frequency * 20 / 1_000_000;

    private const int MostSkipped = 256;

    private int _skip;
    private int _nextSkip = 1;

    /// <summary>Receives what comes soon.</summary>
    /// <returns>False when nothing came: wait for it.</returns>
    public bool TryRead(Span<byte> buffer, out int count)
    {
        count = 0;
        if (Environment.ProcessorCount == 1)
        {
            return false;
        }

        if (_skip > 0)
        {
            _skip--;
            return false;
        }

        if (TrySpin(buffer, out count))
        {
            _nextSkip = 1;
            return true;
        }

        _skip = _nextSkip;
        _nextSkip = Math.Min(_nextSkip * 2, MostSkipped);
        return false;
    }

    private bool TrySpin(Span<byte> buffer, out int count)
    {
        socket.Blocking = false;
        var start = Stopwatch.GetTimestamp();
        for (var last = start; ;)
        {
            count = socket.Receive(buffer, SocketFlags.None, out var error);
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

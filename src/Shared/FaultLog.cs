using System.Threading.Channels;
using Link.Abstractions;

namespace Link.Logging;

/// <summary>Keeps the faults that belong to no connection until somebody reads them. Bounded; safe for concurrent use.</summary>
internal sealed class FaultLog
{
    private const int Kept = 256;

    private readonly Channel<LinkException> _faults = Channel.CreateBounded<LinkException>(Kept);
    private long _lost;

    public ChannelReader<LinkException> Reader => _faults.Reader;

    /// <summary>How many did not fit.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public void Report(LinkException fault)
    {
        if (!_faults.Writer.TryWrite(fault))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    public void Complete() => _faults.Writer.TryComplete();
}

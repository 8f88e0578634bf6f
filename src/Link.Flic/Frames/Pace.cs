namespace Link.Flic.Frames;

/// <summary>
/// When the next frame to an original may go: at most 64 KiB in any 250 ms, whatever the sizes of the frames (SPEC.md, "flic: towards an original").
/// What an original leaves unread for so long it still gets with one read, uncut. One caller at a time.
/// </summary>
/// <remarks>
/// Nothing tells when an original has read: only time can. Its own bridge holds frames back for up to 40 ms (Nagle, delayed acknowledgements) and
/// passes them on together; the rest is for processes that get no processor, bridge and node one after the other. Measured with 5,000 TELLs of
/// 130 bytes from here through an original bridge to an original node, on two cores: without a pace 1,000 to 4,200 arrived. At 64 KiB in 50 ms all
/// did, beside six busy loops too, and at 100 ms with the bridge or the node stopped for 150 ms every second. With more than 30 processes ready to run,
/// 3,200 to 4,700 arrived at 120 ms, and all at 250 ms.
/// </remarks>
internal sealed class Pace(TimeProvider time)
{
    /// <summary>What goes at once after a pause; a larger frame waits until everything before it is far behind.</summary>
    public const int Window = 8 * 1024;

    /// <summary>What an original reads at once.</summary>
    public const int ReadBytes = 64 * 1024;

    // A bridge adds the id to a TELL that it passes on, and shall not be the one to cut it.
    private const int Passing = 32;

    private static readonly TimeSpan LongestStall = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestBacklog = TimeSpan.FromSeconds(10);

    private readonly long _start = time.GetTimestamp();

    // Until when it takes to send at an even pace what has gone; in the past when nothing has gone lately.
    private TimeSpan _busyUntil = TimeSpan.MinValue / 2;

    /// <summary>
    /// How many bytes may wait, so that they leave within that time, counted up to 10 s, with a quarter of it to spare. A frame above the window takes
    /// up to twice the time of its bytes, and finds half the room.
    /// </summary>
    public static int RoomFor(int frameBytes, TimeSpan limit)
    {
        var time = limit == Timeout.InfiniteTimeSpan || limit > LongestBacklog ? LongestBacklog : limit;
        return (int)(time / LongestStall * (ReadBytes - Window) * (frameBytes > Window ? 0.375 : 0.75));
    }

    /// <summary>Whether a frame may go now, which is counted; or after which pause to ask again.</summary>
    public bool TryTake(int frameBytes, out TimeSpan pause)
    {
        var bytes = frameBytes + Passing;
        var now = time.GetElapsedTime(_start);
        pause = _busyUntil + TimeFor(bytes - Window) - now;
        if (pause > TimeSpan.Zero)
        {
            return false;
        }

        _busyUntil = (_busyUntil > now ? _busyUntil : now) + TimeFor(bytes);
        return true;
    }

    private static TimeSpan TimeFor(int bytes) => LongestStall * ((double)bytes / (ReadBytes - Window));
}

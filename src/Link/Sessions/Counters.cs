namespace Link;

/// <summary>What a server counts of the unusual. Safe for concurrent use.</summary>
internal sealed class Counters
{
    private long _unknownReplies;
    private long _refusedRequests;
    private long _faults;

    public long UnknownReplies => Interlocked.Read(ref _unknownReplies);

    public long RefusedRequests => Interlocked.Read(ref _refusedRequests);

    public long Faults => Interlocked.Read(ref _faults);

    public void CountUnknownReply() => Interlocked.Increment(ref _unknownReplies);

    public void CountRefusedRequest() => Interlocked.Increment(ref _refusedRequests);

    public void CountFault() => Interlocked.Increment(ref _faults);
}

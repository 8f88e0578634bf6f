namespace Link.NodeIpc;

/// <summary>
/// How requests over UDP are sent again while no reply has come, with the same id, and how the answering side sees to it that its handler
/// runs once: it remembers the replies of a while, and sends a remembered one again. Immutable. Both sides need it.
/// </summary>
public sealed record ResendOptions
{
    /// <summary>The time before a request is sent again; doubled each time. Default 200 ms; positive, at most 1 min.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a request is sent again. Default 5; 1 to 20.</summary>
    public int Count { get; init; } = 5;

    /// <summary>How many bytes of unanswered requests are kept for sending again, for each peer; beyond, calls are refused as overloaded. Default 4 MiB.</summary>
    public int MaxUnansweredBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How many bytes of replies are remembered for each peer; beyond, the oldest are forgotten. Default 1 MiB.</summary>
    public int MaxRememberedBytes { get; init; } = 1024 * 1024;

    /// <summary>How long a reply is remembered. Default 30 s; positive, at most 1 h.</summary>
    public TimeSpan RememberFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Interval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Interval, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Count, 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnansweredBytes, 64 * 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRememberedBytes, 64 * 1024);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RememberFor, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RememberFor, TimeSpan.FromHours(1));
    }
}

using Link.Abstractions;
using Link.NodeIpc;
using Link.Streams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Link;

/// <summary>How a <see cref="Server"/> behaves. Immutable; checked when a server is made of it.</summary>
public sealed record ServerOptions
{
    // Timers reach little farther, and the pauses between attempts vary by a fifth.
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(40);

    /// <summary>Put between <see cref="SocketRoot"/> and a name: programs with different values do not meet. Default <c>app.</c>.</summary>
    public string AppSpace { get; init; } = "app.";

    /// <summary>The directory of the socket files, with its trailing slash. Default <c>/tmp/</c>.</summary>
    public string SocketRoot { get; init; } = "/tmp/";

    /// <summary>The name written into requests as <c>sentBy</c>. Default null: the server's name.</summary>
    public string? Id { get; init; }

    /// <summary>
    /// The time between two attempts to dial while <see cref="WaitForPeer"/> lasts, give or take a fifth by chance. Default 500 ms;
    /// at least 1 ms, at most 40 days.
    /// </summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How many further attempts follow a failed one while <see cref="WaitForPeer"/> lasts. Default null: no limit but the time.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>How many connections may be open, accepted and dialled counted apart. Default 1,024; at least 1.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>Whether a stale socket file of the same user is removed on start. Default true. A live one never is.</summary>
    public bool Unlink { get; init; } = true;

    /// <summary>User ids trusted besides this process's own. Default none.</summary>
    public IReadOnlyCollection<uint> TrustedUserIds { get; init; } = [];

    /// <summary>How long a call may take, dialling included. Default 30 s; positive or infinite.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call waits for a missing peer to appear. Default zero: it fails at once. Zero or more, or infinite.</summary>
    public TimeSpan WaitForPeer { get; init; } = TimeSpan.Zero;

    /// <summary>The longest frame read or written, in bytes. Default 16 MiB; at least 64 bytes, at most 1 GiB.</summary>
    public int MaxFrameBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// How many bytes may wait to be sent on one connection before calls are refused as overloaded. Default 32 MiB;
    /// at least <see cref="MaxFrameBytes"/>.
    /// </summary>
    public int OutboundBacklogBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>The time from the first byte of a frame to its last, before its connection is closed. Default 30 s; positive and at most 40 days, or infinite.</summary>
    public TimeSpan UnfinishedFrameTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a peer may refuse to read before its connection is closed. Default 10 s; positive and at most 40 days, or infinite.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many requests may wait for their reply on one connection before calls are refused as overloaded. Default 100,000; at least 1.</summary>
    public int MaxPendingRequests { get; init; } = 100_000;

    /// <summary>How many handlers may run at once. Default 1,024; at least 1. Beyond it, requests wait with their sender, unread.</summary>
    public int HandlerConcurrency { get; init; } = 1024;

    /// <summary>How long disposal waits for running handlers. Default 5 s; zero or more, at most 40 days.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What turns values into JSON and back. Default <see cref="NewtonsoftSerializer.Default"/>; give
    /// <see cref="NewtonsoftSerializer"/> other settings here, or use <see cref="SystemTextJsonSerializer"/>.
    /// </summary>
    public IPayloadSerializer Serializer { get; init; } = NewtonsoftSerializer.Default;

    /// <summary>Where the server logs. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock of every bound. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Whether this server may live beside others in the process. Default false; meant for tests and hosts.</summary>
    public bool AllowMultiple { get; init; }

    /// <summary>
    /// Whether receiving threads spin briefly before they wait: round trips take a fraction of the time, at the price of processor time.
    /// Spinning backs off while cores are busy. Default false.
    /// </summary>
    public bool LowLatency { get; init; }

    /// <summary>
    /// What carries the envelopes. Default null: ipc-link over Unix sockets, with the options above. One given here is owned and
    /// disposed by the server, and has bounds of its own.
    /// </summary>
    public ITransport? Transport { get; init; }

    internal ITransport CreateTransport() => Transport ?? new NodeIpcTransport(ForNodeIpc());

    internal void Validate()
    {
        ForNodeIpc().Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(Retry, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Retry, LongestTime);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRetries ?? 0, nameof(MaxRetries));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingRequests, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(HandlerConcurrency, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DrainTimeout, LongestTime);
        ArgumentNullException.ThrowIfNull(Serializer);
        ArgumentNullException.ThrowIfNull(LoggerFactory);
        ValidateTimeout(RequestTimeout, nameof(RequestTimeout));
        if (WaitForPeer < TimeSpan.Zero && WaitForPeer != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(WaitForPeer), WaitForPeer, "The time must be zero or more, or infinite.");
        }
    }

    internal static void ValidateTimeout(TimeSpan timeout, string name)
    {
        if (timeout <= TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, timeout, "The time must be positive or infinite.");
        }
    }

    private NodeIpcOptions ForNodeIpc() => new()
    {
        AppSpace = AppSpace,
        SocketRoot = SocketRoot,
        Unlink = Unlink,
        MaxConnections = MaxConnections,
        TrustedUserIds = TrustedUserIds,
        TimeProvider = TimeProvider,
        LowLatency = LowLatency,
        Limits = new StreamLimits
        {
            MaxFrameBytes = MaxFrameBytes,
            OutboundBacklogBytes = OutboundBacklogBytes,
            UnfinishedFrameTimeout = UnfinishedFrameTimeout,
            WriteTimeout = WriteTimeout,
        },
    };
}

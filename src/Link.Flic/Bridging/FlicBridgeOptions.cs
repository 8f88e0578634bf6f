using Link.Streams;
using Link.Streams.Endpoints;
using Link.Streams.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Link.Flic;

/// <summary>How a <see cref="FlicBridge"/> listens, guards names and bounds its nodes. Immutable.</summary>
public sealed record FlicBridgeOptions
{
    /// <summary>The host to listen on. Default 127.0.0.1, as flic.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port to listen on; 0 lets the operating system choose. Default 8221, as flic.</summary>
    public int Port { get; init; } = 8221;

    /// <summary>Certificate and checks, for nodes of Link; originals cannot connect then. Default null: plain TCP, as flic.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>Whether listening beyond loopback is allowed without TLS, readable and open to everybody. Default false.</summary>
    public bool AllowInsecureNetwork { get; init; }

    /// <summary>
    /// Whether the sender of a frame is what its nodeName says, and anybody's answer counts, as in flic. Default false: the sender is the name
    /// that its connection has registered, and an answer counts only from the node that was asked.
    /// </summary>
    public bool CompatibleSenders { get; init; }

    /// <summary>How many connections may be open, and how many names registered. Default 1,024; at least 1.</summary>
    public int MaxNodes { get; init; } = 1024;

    /// <summary>How many unanswered TELLs of one node are remembered; of the oldest beyond it an answer no longer counts. Default 65,536; at least 1.</summary>
    public int MaxOpenTells { get; init; } = 65_536;

    /// <summary>
    /// How long a connection may take to register a name before it is closed, at its beginning and after it has left. Default 30 s; positive, at most 40 days, or infinite.
    /// </summary>
    public TimeSpan RegisterTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how long a node that acknowledges nothing counts as lost. Default 10 s; 3 s to 1 h.</summary>
    public TimeSpan DeadPeerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The bounds of each connection; a node that leaves more unread than its backlog is cut.</summary>
    public StreamLimits Limits { get; init; } = new();

    /// <summary>Where it logs. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock of every bound. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks every option, and reads the files of the certificates.</summary>
    /// <exception cref="ArgumentException">An option is null or outside its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxNodes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxOpenTells, 1);
        if ((RegisterTimeout <= TimeSpan.Zero || RegisterTimeout > TimeSpan.FromDays(40)) && RegisterTimeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(RegisterTimeout), RegisterTimeout, "The time must be positive and at most 40 days, or infinite.");
        }

        ArgumentNullException.ThrowIfNull(Limits);
        ArgumentNullException.ThrowIfNull(LoggerFactory);
        Limits.Validate();
        ForEndpoints().Validate();
        _ = ListenEndpoint();
    }

    internal Endpoint ListenEndpoint() => Endpoint.Network(Tls is null ? EndpointKind.Tcp : EndpointKind.Tls, Host, Port);

    internal EndpointOptions ForEndpoints() => new()
    {
        DeadPeerTimeout = DeadPeerTimeout,
        Tls = Tls,
        AllowInsecureNetwork = AllowInsecureNetwork,
        TimeProvider = TimeProvider,
    };
}

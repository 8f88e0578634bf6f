using Link.Abstractions;
using Link.Streams;
using Link.Streams.Endpoints;
using Link.Streams.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Link.Flic;

/// <summary>How a <c>FlicNode</c>, or a <c>FlicTransport</c>, finds and keeps its bridge. Immutable.</summary>
public sealed record FlicNodeOptions
{
    /// <summary>The host of the bridge. Default 127.0.0.1.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port of the bridge. Default 8221, as flic.</summary>
    public int Port { get; init; } = 8221;

    /// <summary>Certificates and checks, for a bridge of Link that has TLS. Default null: plain TCP, as flic.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>How many attempts to connect there are in all. Default 5, as flic; at least 1.</summary>
    public int ConnectAttempts { get; init; } = 5;

    /// <summary>The pause after the first failed attempt; after the n-th it is n times as long, but never longer than 1 h. Default 50 ms, as flic; zero to 1 h.</summary>
    public TimeSpan ConnectBackoff { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long one attempt to connect, and the bridge's acknowledgement of the name, may take. Default 5 s; positive, at most 40 days.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer may take. Default 30 s; positive and at most 40 days, or infinite. (flic waits for ever.)</summary>
    public TimeSpan TellTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a lost connection is made again, with the same name. Default false, as flic.</summary>
    public bool Reconnect { get; init; }

    /// <summary>The longest pause between two attempts to connect again; they begin with <see cref="ConnectBackoff"/> and double. Default 5 s; at most 1 h.</summary>
    public TimeSpan MaxReconnectBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many answers may be waited for at once. Default 100,000; at least 1.</summary>
    public int MaxPendingTells { get; init; } = 100_000;

    /// <summary>
    /// How many events may wait for their handlers, and how many handlers may run at once; together they hold at most the bytes of the outbound backlog.
    /// Default 65,536; at least 1. Beyond it events are refused.
    /// </summary>
    public int MaxQueuedEvents { get; init; } = 65_536;

    /// <summary>
    /// Of a <c>FlicTransport</c>: how many connections may be open, accepted and dialled counted apart. Default 1,024; at least 1.
    /// </summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>After how long a bridge that acknowledges nothing counts as lost. Default 10 s; 3 s to 1 h.</summary>
    public TimeSpan DeadPeerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long disposal waits for handlers that run. Default 5 s; zero or more, at most 40 days.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The bounds of the connection.</summary>
    public StreamLimits Limits { get; init; } = new();

    /// <summary>What turns values into JSON and back. Default <see cref="NewtonsoftSerializer.Default"/>.</summary>
    public IPayloadSerializer Serializer { get; init; } = NewtonsoftSerializer.Default;

    /// <summary>Where it logs. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock of every bound. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks every option, and reads the files of the certificates.</summary>
    /// <exception cref="ArgumentException">An option is null or outside its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(ConnectBackoff.Ticks, nameof(ConnectBackoff));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ConnectBackoff, TimeSpan.FromHours(1));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxReconnectBackoff.Ticks, nameof(MaxReconnectBackoff));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxReconnectBackoff, TimeSpan.FromHours(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ConnectTimeout, TimeSpan.FromDays(40));
        if ((TellTimeout <= TimeSpan.Zero || TellTimeout > TimeSpan.FromDays(40)) && TellTimeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(TellTimeout), TellTimeout, "The time must be positive and at most 40 days, or infinite.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingTells, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedEvents, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DrainTimeout, TimeSpan.FromDays(40));
        ArgumentNullException.ThrowIfNull(Limits);
        ArgumentNullException.ThrowIfNull(Serializer);
        ArgumentNullException.ThrowIfNull(LoggerFactory);
        Limits.Validate();
        var link = ForLink();
        link.Endpoints.Validate();
    }

    internal NodeLinkOptions ForLink() => new(
        Endpoint.Network(Tls is null ? EndpointKind.Tcp : EndpointKind.Tls, Host, Port),
        new EndpointOptions { ConnectTimeout = ConnectTimeout, DeadPeerTimeout = DeadPeerTimeout, Tls = Tls, TimeProvider = TimeProvider },
        Limits,
        ConnectAttempts,
        ConnectBackoff,
        ConnectTimeout);
}

using Link.Streams.Tls;

namespace Link.Streams.Endpoints;

/// <summary>How endpoints are listened on and dialled. Immutable.</summary>
public sealed record EndpointOptions
{
    /// <summary>User ids trusted besides this process's own, where the kernel tells them. Default none.</summary>
    public IReadOnlyCollection<uint> TrustedUserIds { get; init; } = [];

    /// <summary>Whether a stale socket file of the same user is removed on listening. Default true. A live one never is.</summary>
    public bool Unlink { get; init; } = true;

    /// <summary>How long dialling may take before the handshake, and listening may wait for a name's lock. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether readers of sockets spin briefly before they wait. Default false: it trades processor time for latency.</summary>
    public bool LowLatency { get; init; }

    /// <summary>Certificates and checks of TLS endpoints. Default null: a TLS client with the system's trust, and no TLS server.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>Whether listening without TLS beyond loopback is allowed. Default false.</summary>
    public bool AllowInsecureNetwork { get; init; }

    /// <summary>
    /// After how long a TCP peer that acknowledges nothing, idle or not, counts as lost. Default 10 s; 3 s to 1 h, in whole seconds.
    /// </summary>
    public TimeSpan DeadPeerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What this process dials from. Default: the operating system chooses.</summary>
    public LocalInterface Interface { get; init; } = new();

    /// <summary>The clock of every bound. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">An option is null or outside its range.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(TrustedUserIds);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(DeadPeerTimeout, TimeSpan.FromSeconds(3));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DeadPeerTimeout, TimeSpan.FromHours(1));
        ArgumentNullException.ThrowIfNull(Interface);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        Interface.Validate();
        Tls?.Validate();
    }
}

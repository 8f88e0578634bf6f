using Link.Streams;
using Link.Streams.Datagrams;
using Link.Streams.Endpoints;
using Link.Streams.Tls;

namespace Link.NodeIpc;

/// <summary>How the ipc-link transport finds, guards and bounds its endpoints. Immutable.</summary>
public sealed record NodeIpcOptions
{
    /// <summary>
    /// Where names are, such as <c>["test-two"] = "tcp://10.0.0.2:8000"</c>: unix:path, tcp://, tls://, udp4://, udp6://host:port, pipe:name.
    /// Default none: a name that is not here is a local socket. The own name's entry is where <see cref="NodeIpcTransport"/> listens.
    /// </summary>
    public IReadOnlyDictionary<string, string> Peers { get; init; } = new Dictionary<string, string>();

    /// <summary>Where to listen, if that is not what <see cref="Peers"/> say of the own name, such as <c>tls://0.0.0.0:8000</c>. Default null.</summary>
    public string? ListenOn { get; init; }

    /// <summary>Put between <see cref="SocketRoot"/> and the name: programs with different values do not meet. Default <c>app.</c>, as node-ipc.</summary>
    public string AppSpace { get; init; } = "app.";

    /// <summary>The directory of the socket files, with its trailing slash. Default <c>/tmp/</c>, as node-ipc.</summary>
    public string SocketRoot { get; init; } = "/tmp/";

    /// <summary>Whether a stale socket file of the same user is removed on binding. Default true. A live one never is.</summary>
    public bool Unlink { get; init; } = true;

    /// <summary>How many connections may be open, accepted and dialled counted apart. Default 1,024; at least 1.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>How long binding may wait for the name's lock, and dialling for an answer. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>User ids trusted besides this process's own, on Unix sockets. Default none.</summary>
    public IReadOnlyCollection<uint> TrustedUserIds { get; init; } = [];

    /// <summary>Certificates and checks for tls endpoints. Default null: no listening on them, and dialling with the system's trust.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>Whether listening beyond loopback is allowed without TLS, readable and open to everybody. Default false.</summary>
    public bool AllowInsecureNetwork { get; init; }

    /// <summary>After how long a TCP or TLS peer that acknowledges nothing counts as lost. Default 10 s; 3 s to 1 h.</summary>
    public TimeSpan DeadPeerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The bounds of UDP endpoints.</summary>
    public DatagramLimits Datagrams { get; init; } = new();

    /// <summary>Whether requests over UDP are sent again, and answered once. Default null: no. Both sides must be Link with this set.</summary>
    public ResendOptions? Resend { get; init; }

    /// <summary>The bounds of each connection.</summary>
    public StreamLimits Limits { get; init; } = new();

    /// <summary>Whether readers spin briefly before they wait. Default false: it trades processor time for latency.</summary>
    public bool LowLatency { get; init; }

    /// <summary>The clock of every bound. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks every option, and reads the files of the certificates.</summary>
    /// <exception cref="ArgumentException">An option is null or outside its range.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(AppSpace);
        ArgumentException.ThrowIfNullOrEmpty(SocketRoot);
        if (!SocketRoot.EndsWith('/'))
        {
            throw new ArgumentException($"The socket directory must end with a slash, as in {SocketRoot}/.", nameof(SocketRoot));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentNullException.ThrowIfNull(Peers);
        ArgumentNullException.ThrowIfNull(Limits);
        ArgumentNullException.ThrowIfNull(Datagrams);
        Limits.Validate();
        Datagrams.Validate();
        Resend?.Validate();
        ForEndpoints().Validate();
        MakeBook().Validate();
        _ = ListenEndpoint();
    }

    internal EndpointBook MakeBook() => new(Peers, SocketRoot, AppSpace);

    internal Endpoint? ListenEndpoint() => ListenOn is null ? null : Endpoint.Parse(ListenOn);

    internal EndpointOptions ForEndpoints() => new()
    {
        TrustedUserIds = TrustedUserIds,
        Unlink = Unlink,
        ConnectTimeout = ConnectTimeout,
        LowLatency = LowLatency,
        Tls = Tls,
        AllowInsecureNetwork = AllowInsecureNetwork,
        DeadPeerTimeout = DeadPeerTimeout,
        TimeProvider = TimeProvider,
    };
}

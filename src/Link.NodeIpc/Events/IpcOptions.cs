using System.Net;
using Link.Abstractions;
using Link.Streams;
using Link.Streams.Datagrams;
using Link.Streams.Endpoints;
using Link.Streams.Tls;
using Microsoft.Extensions.Logging;

namespace Link.NodeIpc.Events;

/// <summary>node-ipc's configuration (SPEC.md, "The event API", has its options side by side with these), and the bounds. Immutable.</summary>
public sealed record IpcOptions
{
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(40);
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(1);

    /// <summary>The name that <see cref="Ipc.ServeAsync(CancellationToken)"/> serves under. Default the host name.</summary>
    public string Id { get; init; } = Dns.GetHostName();

    /// <summary>Put between <see cref="SocketRoot"/> and the name: programs with different values do not meet. Default <c>app.</c>.</summary>
    public string AppSpace { get; init; } = "app.";

    /// <summary>The directory of the socket files, with its trailing slash. Default <c>/tmp/</c>.</summary>
    public string SocketRoot { get; init; } = "/tmp/";

    /// <summary>The host to serve on and to connect to where none is given. Default <c>127.0.0.1</c>.</summary>
    public string NetworkHost { get; init; } = "127.0.0.1";

    /// <summary>The port to serve on and to connect to where none is given. Default 8000.</summary>
    public int NetworkPort { get; init; } = 8000;

    /// <summary>What text becomes in raw mode. Default UTF-8. Frames are always UTF-8.</summary>
    public IpcEncoding Encoding { get; init; }

    /// <summary>Whether bytes go without frames and types: <c>EmitRawAsync</c> and <c>Data</c>. Default false. Both sides must agree.</summary>
    public bool RawBuffer { get; init; }

    /// <summary>Whether a client writes its next message only after something came back for the one before. Default false.</summary>
    public bool Sync { get; init; }

    /// <summary>How long a client's message may wait to be written, for <see cref="Sync"/> or for the connection. Default 30 s.</summary>
    public TimeSpan SyncTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a stale socket file of the same user is removed on serving. Default true. A live one never is.</summary>
    public bool Unlink { get; init; } = true;

    /// <summary>What ends a frame. Default the form feed. U+0000 to U+001F: only those never stand inside JSON. Both sides must agree.</summary>
    public char Delimiter { get; init; } = '\f';

    /// <summary>Whether nothing is logged. Default false.</summary>
    public bool Silent { get; init; }

    /// <summary>Where to log. Default null: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>How many connections a server has at most; a further one is closed at once. Default 100; at least 1.</summary>
    public int MaxConnections { get; init; } = 100;

    /// <summary>The pause before a client tries to connect again. Default 500 ms; at least 1 ms.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a client tries again before it is destroyed; a success resets the count. Default null: for ever.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>Whether a client never tries again, whatever <see cref="MaxRetries"/> says. Default false.</summary>
    public bool StopRetrying { get; init; }

    /// <summary>Certificates and checks; when set, what would be TCP is TLS. Default null: TCP.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>What clients of TCP and TLS dial from. Default: the operating system chooses.</summary>
    public LocalInterface Interface { get; init; } = new();

    /// <summary>Whether serving beyond loopback is allowed without TLS, readable and open to everybody. Default false.</summary>
    public bool AllowInsecureNetwork { get; init; }

    /// <summary>User ids trusted besides this process's own, on Unix sockets. Default none.</summary>
    public IReadOnlyCollection<uint> TrustedUserIds { get; init; } = [];

    /// <summary>How long one attempt to connect may take, and serving may wait for the name's lock. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long <c>ConnectToAsync</c> waits for a connection; the client goes on trying afterwards. Default 30 s; may be infinite.</summary>
    public TimeSpan ConnectWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how long a TCP or TLS peer that acknowledges nothing counts as lost. Default 10 s; 3 s to 1 h.</summary>
    public TimeSpan DeadPeerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The bounds of each connection.</summary>
    public StreamLimits Limits { get; init; } = new();

    /// <summary>The bounds of UDP.</summary>
    public DatagramLimits Datagrams { get; init; } = new();

    /// <summary>How many events of one connection may wait for handlers before it is read no further. Default 256; at least 1.</summary>
    public int MaxQueuedEvents { get; init; } = 256;

    /// <summary>How many bytes the data of these events may have before the same. Default 1 MiB; at least 1.</summary>
    public int MaxQueuedEventBytes { get; init; } = 1024 * 1024;

    /// <summary>How many messages of a client may wait to be written, for <see cref="Sync"/> or for the connection. Default 1,024; at least 1.</summary>
    public int MaxQueuedEmits { get; init; } = 1024;

    /// <summary>How long disposal waits for handlers. Default 5 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Turns values into JSON and back. Default <see cref="NewtonsoftSerializer.Default"/>.</summary>
    public IPayloadSerializer Serializer { get; init; } = NewtonsoftSerializer.Default;

    /// <summary>The clock of every bound. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks every option, and reads the files of the certificates.</summary>
    /// <exception cref="ArgumentException">An option is null or outside its range.</exception>
    public void Validate()
    {
        ValidateNames();
        if (Delimiter > '\u001f')
        {
            throw new ArgumentException($"The delimiter U+{(int)Delimiter:X4} may stand inside JSON: only U+0000 to U+001F never do.", nameof(Delimiter));
        }

        if (!Enum.IsDefined(Encoding))
        {
            throw new ArgumentException($"{Encoding} is no encoding.", nameof(Encoding));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetries ?? 0, 0, nameof(MaxRetries));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedEvents, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedEventBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedEmits, 1);
        ThrowIfOutside(SyncTimeout, nameof(SyncTimeout));
        ThrowIfOutside(Retry, nameof(Retry));
        ArgumentOutOfRangeException.ThrowIfLessThan(Retry, ShortestRetry);
        ThrowIfOutside(ConnectWait, nameof(ConnectWait), mayBeInfinite: true);
        ThrowIfOutside(DrainTimeout, nameof(DrainTimeout));
        ArgumentNullException.ThrowIfNull(Serializer);
        ArgumentNullException.ThrowIfNull(Limits);
        ArgumentNullException.ThrowIfNull(Datagrams);
        Limits.Validate();
        Datagrams.Validate();
        ForEndpoints().Validate();
    }

    internal EndpointOptions ForEndpoints() => new()
    {
        TrustedUserIds = TrustedUserIds,
        Unlink = Unlink,
        ConnectTimeout = ConnectTimeout,
        Tls = Tls,
        AllowInsecureNetwork = AllowInsecureNetwork,
        DeadPeerTimeout = DeadPeerTimeout,
        Interface = Interface,
        TimeProvider = TimeProvider,
    };

    private void ValidateNames()
    {
        ArgumentException.ThrowIfNullOrEmpty(Id);
        ArgumentNullException.ThrowIfNull(AppSpace);
        ArgumentException.ThrowIfNullOrEmpty(SocketRoot);
        if (!SocketRoot.EndsWith('/'))
        {
            throw new ArgumentException($"The socket directory must end with a slash, as in {SocketRoot}/.", nameof(SocketRoot));
        }

        _ = Endpoint.Network(EndpointKind.Tcp, NetworkHost, NetworkPort);
    }

    private static void ThrowIfOutside(TimeSpan value, string name, bool mayBeInfinite = false)
    {
        if ((value < TimeSpan.Zero || value > LongestTime) && !(mayBeInfinite && value == Timeout.InfiniteTimeSpan))
        {
            throw new ArgumentOutOfRangeException(name, value, "The time must not be negative, and at most 40 days.");
        }
    }
}

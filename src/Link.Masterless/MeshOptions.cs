using Link.Abstractions;
using Link.Masterless.Packets;
using Link.Streams;
using Link.Streams.Endpoints;
using Link.Streams.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Link.Masterless;

/// <summary>How a <c>MeshNode</c>, or a <c>MeshTransport</c>, listens, dials and keeps its connections. Immutable.</summary>
public sealed record MeshOptions
{
    /// <summary>How packets look on the wire. Default <see cref="MeshFormat.Json"/>, as npm's masterless. All nodes must have the same.</summary>
    public MeshFormat Format { get; init; } = MeshFormat.Json;

    /// <summary>The address or host name to listen on. Default 127.0.0.1; <c>0.0.0.0</c> and <c>::</c> are all addresses of this machine.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port to listen on. Default 0: a free one.</summary>
    public int Port { get; init; }

    /// <summary>
    /// The host under which others reach this node. Default null: the address that it listens on; of a node that listens on all addresses, the one by which
    /// it is connected with the peer it tells.
    /// </summary>
    public string? AnnouncedHost { get; init; }

    /// <summary>The port under which others reach this node, where that is not the one it listens on. Default null.</summary>
    public int? AnnouncedPort { get; init; }

    /// <summary>
    /// Of a <c>MeshTransport</c>: where the servers of other names are, as in <c>["test-two"] = "tcp://192.168.1.64:2435"</c>. A server that has an entry of its own
    /// listens there, unless <see cref="Port"/> says otherwise. Servers that are connected already need none. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Peers { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Certificates and checks. Default null: plain TCP. With them, everything is TLS, in both directions: whoever does not speak it is no peer. They must require client
    /// certificates, unless <see cref="Admit"/> or a check of their own decides.
    /// </summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>
    /// Decides whether a node may be connected with, once it has said its id, which is <see cref="Peer.Name"/>, or null for a server without a name; with TLS, the certificate it has proved to own is known,
    /// too. Runs in each handshake, perhaps several at once; an exception refuses, and is told. It must not block: the handshake waits for it, and its place with it. Default null: everybody may.
    /// </summary>
    public Func<Peer, bool>? Admit { get; init; }

    /// <summary>Whether listening without TLS beyond loopback is allowed. Default false: an id is no proof, and anybody could read and write.</summary>
    public bool AllowInsecureNetwork { get; init; }

    /// <summary>How long connecting may take, without the handshake. Default 5 s; positive, at most 1 h.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the handshake of one connection may take, on either side. Default 5 s, as masterless; positive, at most 1 h.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a peer to which nothing else is sent gets a heartbeat. Default 1 s, as masterless; 10 ms to 1 h.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// After how long without a byte a peer counts as dead. Default 10 s; at least twice the <see cref="HeartbeatInterval"/>, at most 40 days, or infinite. Holds between nodes of
    /// Link, which tell each other with their first heartbeat that they are; infinite: this node does not tell.
    /// </summary>
    public TimeSpan DeadPeerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether <see cref="DeadPeerTimeout"/> holds for original nodes as well. Default false: a busy one may miss its heartbeats, and some versions send none.</summary>
    public bool WatchOriginals { get; init; }

    /// <summary>After how long a TCP peer that acknowledges nothing counts as lost. Default 10 s; 3 s to 1 h.</summary>
    public TimeSpan UnacknowledgedTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many connections may be open, accepted and dialled counted apart. Default 1,024; at least 1.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>
    /// Of a <c>MeshNode</c>: how many packets may wait to be sent to one node that is not connected yet, or again; together they hold at most the bytes of the outbound backlog.
    /// Default 1,024; at least 1.
    /// </summary>
    public int MaxQueuedPackets { get; init; } = 1024;

    /// <summary>
    /// Of a <c>MeshNode</c>: how many packets may wait for their handlers or be handled; together they hold at most the bytes of the outbound backlog. A peer beyond it is not
    /// read, and no peer takes more than it leaves to the others: half of it, when it is alone. Default 1,024; at least 1.
    /// </summary>
    public int MaxHandlers { get; init; } = 1024;

    /// <summary>Of a <c>MeshNode</c>: how long disposal waits for handlers that run. Default 5 s; zero or more, at most 40 days.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The bounds of each connection.</summary>
    public StreamLimits Limits { get; init; } = new();

    /// <summary>What turns values into JSON and back. Default <see cref="NewtonsoftSerializer.Default"/>.</summary>
    public IPayloadSerializer Serializer { get; init; } = NewtonsoftSerializer.Default;

    /// <summary>Where it logs. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock of every bound. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gives a random priority of a handshake, from 0 to less than 1.</summary>
    internal Func<double> NewPriority { get; init; } = Random.Shared.NextDouble;

    internal EndpointKind Kind => Tls is null ? EndpointKind.Tcp : EndpointKind.Tls;

    internal PacketFormat PacketFormat => Format == MeshFormat.MessagePack ? Formats.MessagePack : Formats.Json;

    /// <summary>Checks every option, and reads the files of the certificates.</summary>
    /// <exception cref="ArgumentException">An option is null or outside its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Enum.IsDefined(Format), true, nameof(Format));
        Endpoint.Network(Kind, Host, Port);
        if (AnnouncedHost is not null || AnnouncedPort is not null)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(AnnouncedPort ?? 1, 1, nameof(AnnouncedPort));
            Endpoint.Network(Kind, AnnouncedHost ?? Host, AnnouncedPort ?? 1);
        }

        ArgumentNullException.ThrowIfNull(Peers);
        foreach (var (name, address) in Peers)
        {
            NodeAddress.OfPeer(name, address, Kind);
        }

        ThrowIfOutside(ConnectTimeout, TimeSpan.FromTicks(1), TimeSpan.FromHours(1), nameof(ConnectTimeout));
        ThrowIfOutside(HandshakeTimeout, TimeSpan.FromTicks(1), TimeSpan.FromHours(1), nameof(HandshakeTimeout));
        ThrowIfOutside(HeartbeatInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1), nameof(HeartbeatInterval));
        if (DeadPeerTimeout != Timeout.InfiniteTimeSpan)
        {
            ThrowIfOutside(DeadPeerTimeout, 2 * HeartbeatInterval, TimeSpan.FromDays(40), nameof(DeadPeerTimeout));
        }

        ThrowIfOutside(DrainTimeout, TimeSpan.Zero, TimeSpan.FromDays(40), nameof(DrainTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedPackets, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHandlers, 1);
        ArgumentNullException.ThrowIfNull(Limits);
        ArgumentNullException.ThrowIfNull(Serializer);
        ArgumentNullException.ThrowIfNull(LoggerFactory);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        Limits.Validate();
        ForEndpoints().Validate();
        if (Tls is { RequireClientCertificate: false, Check: null } && Admit is null)
        {
            throw new ArgumentException(
                "With TLS every node must show who it is, or anybody could take the id of another: set RequireClientCertificate, or decide by Admit.", nameof(Tls));
        }
    }

    internal EndpointOptions ForEndpoints() => new()
    {
        ConnectTimeout = ConnectTimeout,
        DeadPeerTimeout = UnacknowledgedTimeout,
        Tls = Tls,
        AllowInsecureNetwork = AllowInsecureNetwork,
        TimeProvider = TimeProvider,
    };

    private static void ThrowIfOutside(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"The time must be at least {least} and at most {most}.");
        }
    }

    private static class Formats
    {
        public static readonly JsonLines Json = new();
        public static readonly MessagePackValues MessagePack = new();
    }
}

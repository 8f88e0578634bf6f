using System.Net;
using Link.Abstractions;
using Link.NodeIpc;
using Link.Streams;
using Link.Streams.Datagrams;
using Link.Testing;

namespace Link.Conformance;

/// <summary>
/// Lets ipc-link over UDP join the suite. Nothing on the wire tells of an end: only silence does, on a clock that the suite moves.
/// </summary>
public abstract class UdpUnderTest(string scheme, IPAddress address, ResendOptions? resend = null) : TransportUnderTest
{
    private readonly UdpPorts _ports = new(scheme, address);

    /// <summary>After so long in silence a connection ends.</summary>
    public static TimeSpan IdleTimeout => TimeSpan.FromMinutes(5);

    /// <summary>The clock of every transport of the test.</summary>
    public FakeTimeProvider Clock { get; } = new();

    /// <inheritdoc/>
    public override string EndpointOf(string name) => _ports[name];

    // Twice: what is sent again meanwhile is no silence.
    /// <inheritdoc/>
    public override void LetEndsBeNoticed() => Clock.Advance(2 * IdleTimeout);

    /// <inheritdoc/>
    public override ITransport Create(TransportBounds bounds) => new NodeIpcTransport(new NodeIpcOptions
    {
        Peers = _ports,
        MaxConnections = bounds.MaxConnections,
        Limits = new StreamLimits { MaxFrameBytes = bounds.MaxFrameBytes, OutboundBacklogBytes = bounds.BacklogBytes },
        Datagrams = new DatagramLimits
        {
            MaxDatagramBytes = Math.Min(bounds.MaxFrameBytes, DatagramLimits.LargestDatagram),
            ReceiveBacklogBytes = bounds.BacklogBytes,
            IdleTimeout = IdleTimeout,
        },
        Resend = resend,
        TimeProvider = Clock,
    });
}

/// <summary>UDP over IPv4.</summary>
public sealed class Udp4UnderTest() : UdpUnderTest("udp4", IPAddress.Loopback);

/// <summary>UDP over IPv6.</summary>
public sealed class Udp6UnderTest() : UdpUnderTest("udp6", IPAddress.IPv6Loopback);

/// <summary>UDP over IPv4, with requests that are sent again.</summary>
public sealed class ResendingUdpUnderTest() : UdpUnderTest("udp4", IPAddress.Loopback, new ResendOptions { MaxUnansweredBytes = 64 * 1024 * 1024 });

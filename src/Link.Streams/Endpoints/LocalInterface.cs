using System.Net;
using System.Net.Sockets;

namespace Link.Streams.Endpoints;

/// <summary>What this process dials from: node-ipc's <c>interface</c>. Immutable. Network endpoints only.</summary>
public sealed record LocalInterface
{
    /// <summary>The local address. Default null: the operating system chooses.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>The local port. Default 0: the operating system chooses.</summary>
    public int LocalPort { get; init; }

    /// <summary>IPv4 or IPv6 alone. Default null: whatever the host's name resolves to.</summary>
    public AddressFamily? Family { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(LocalPort, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LocalPort, ushort.MaxValue);
        if (Family is not (null or AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
        {
            throw new ArgumentException($"{Family} is neither IPv4 nor IPv6.", nameof(Family));
        }

        if (LocalAddress is not null && Family is not null && LocalAddress.AddressFamily != Family)
        {
            throw new ArgumentException($"{LocalAddress} is no address of {Family}.", nameof(LocalAddress));
        }
    }
}

using System.Globalization;

namespace Link.Abstractions;

/// <summary>Who is at the other end of a connection. Immutable.</summary>
public sealed record Peer
{
    /// <summary>
    /// The name this process dialled, or the name the protocol established for an accepted connection;
    /// null where the protocol tells none (an accepted ipc-link connection).
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Where the connection leads, such as <c>unix:/tmp/app.world</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>True when this process dialled, false when it accepted.</summary>
    public bool IsDialled { get; init; }

    /// <summary>Process id as the kernel tells it; null where the transport has no kernel to ask.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Effective user id as the kernel tells it; null where the transport has no kernel to ask.</summary>
    public uint? UserId { get; init; }

    /// <summary>Effective group id as the kernel tells it; null where the transport has no kernel to ask.</summary>
    public uint? GroupId { get; init; }

    /// <summary>The subject of the certificate that the peer proved to own, such as <c>CN=world</c>; null without TLS, or where it sent none.</summary>
    public string? CertificateSubject { get; init; }

    /// <summary>The SHA-256 hash of that certificate, in hexadecimal; null where there is none.</summary>
    public string? CertificateHash { get; init; }

    /// <summary>Name, or else the subject of the certificate, endpoint and process id, for people: control characters are left out of names, and a name that is the endpoint stands there once.</summary>
    public override string ToString() => Name == Endpoint && ProcessId is null ? Endpoint : string.Create(
        CultureInfo.InvariantCulture,
        $"{Printable(Name ?? CertificateSubject) ?? "(unnamed)"} ({Endpoint}{(ProcessId is { } pid ? string.Create(CultureInfo.InvariantCulture, $", pid {pid}") : "")})");

    // A peer may have chosen it: it must not write lines of its own into a log.
    private static string? Printable(string? name) => name is null || !name.Any(char.IsControl) ? name : string.Concat(name.Where(character => !char.IsControl(character)));
}

using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Sockets;

namespace Link.Streams.Endpoints;

/// <summary>Who is at the other end of a Unix socket, by the kernel's word and nobody else's (SPEC.md, "Identity").</summary>
internal static class PeerIdentity
{
    /// <summary>The peer of a connected socket, if it is trusted.</summary>
    /// <param name="socket">A connected socket.</param>
    /// <param name="path">The socket file it was made through.</param>
    /// <param name="dialledName">The name that was dialled; null for an accepted socket.</param>
    /// <param name="trustedUserIds">Whom to trust besides this process's own user.</param>
    /// <exception cref="LinkException">The peer is another user's process, or the kernel does not tell (<see cref="LinkError.Untrusted"/>).</exception>
    public static Peer Check(Socket socket, string path, string? dialledName, IReadOnlyCollection<uint> trustedUserIds)
    {
        var credentials = PeerCredentials.Of(socket);
        var peer = new Peer
        {
            Name = dialledName,
            Endpoint = $"unix:{path}",
            IsDialled = dialledName is not null,
            ProcessId = credentials?.ProcessId,
            UserId = credentials?.UserId,
            GroupId = credentials?.GroupId,
        };
        if (credentials is { } known && (known.UserId == PeerCredentials.OwnUserId || trustedUserIds.Contains(known.UserId)))
        {
            return peer;
        }

        var user = credentials is null ? "whose user the kernel does not tell" : $"of user {credentials.Value.UserId}";
        throw new LinkException(LinkError.Untrusted, $"{peer} is a process {user}, which is not trusted; the connection was closed.", peer: peer);
    }
}

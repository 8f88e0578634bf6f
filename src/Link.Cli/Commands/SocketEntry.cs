using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Cli.Commands;

/// <summary>What is known of one socket file.</summary>
/// <param name="Name">The name it stands for.</param>
/// <param name="Path">The file.</param>
/// <param name="State"><c>live</c>, <c>stale</c> or <c>closed</c>.</param>
/// <param name="UserId">Whose process listens, where the kernel tells.</param>
/// <param name="ProcessId">Which process, where the kernel tells.</param>
internal sealed record SocketEntry(string Name, string Path, string State, uint? UserId = null, int? ProcessId = null)
{
    private static readonly EndpointOptions Options = new() { ConnectTimeout = TimeSpan.FromSeconds(1) };

    /// <summary>Connects to a socket file and hangs up; null when it has gone meanwhile.</summary>
    public static async Task<SocketEntry?> ProbeAsync(string name, string path, CancellationToken cancellationToken)
    {
        try
        {
            var dialled = await StreamDialer.DialAsync(Endpoint.Unix(path), name, Options, cancellationToken).ConfigureAwait(false);
            await dialled.Stream.DisposeAsync().ConfigureAwait(false);
            return Live(name, path, dialled.Peer);
        }
        catch (LinkException exception)
        {
            return (exception.Error, exception.InnerException) switch
            {
                // Another user's process that lets this one connect, and is not trusted.
                (LinkError.Untrusted, null) => Live(name, path, exception.Peer),
                (LinkError.Timeout, _) => new SocketEntry(name, path, "live"),
                (LinkError.NoSuchPeer, SocketException { SocketErrorCode: SocketError.ConnectionRefused }) => new SocketEntry(name, path, "stale"),
                (LinkError.NoSuchPeer, SocketException { SocketErrorCode: SocketError.AddressNotAvailable }) => null,
                _ => new SocketEntry(name, path, "closed"),
            };
        }
        catch (ArgumentException)
        {
            // No socket can be reached by such a path, as it is too long.
            return new SocketEntry(name, path, "closed");
        }
    }

    // The kernel calls a process 0 that it does not show to this one.
    private static SocketEntry Live(string name, string path, Peer? peer) =>
        new(name, path, "live", peer?.UserId, peer?.ProcessId is > 0 and var process ? process : null);
}

using System.IO.Pipes;
using System.Net.Sockets;
using Link.Abstractions;

namespace Link.Streams.Endpoints;

/// <summary>Connects to named pipes of this user. Thread-safe.</summary>
internal static class PipeDialer
{
    // Windows waits for a missing pipe; here a missing one is an error, and waiting for it is the caller's affair.
    private static readonly TimeSpan BusyTime = TimeSpan.FromMilliseconds(100);

    /// <summary>Connects once.</summary>
    /// <exception cref="LinkException">There is no such pipe, or it is another user's.</exception>
    public static async ValueTask<PeerStream> DialAsync(Endpoint endpoint, string name, CancellationToken cancellationToken)
    {
        var pipe = new NamedPipeClientStream(".", endpoint.Address, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        try
        {
            await pipe.ConnectAsync(BusyTime, cancellationToken).ConfigureAwait(false);
            return new PeerStream(pipe, new Peer { Name = name, Endpoint = endpoint.ToString(), IsDialled = true });
        }
        catch (Exception exception)
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
            throw exception switch
            {
                TimeoutException or IOException => new LinkException(LinkError.NoSuchPeer, $"Nobody listens on {endpoint}.", innerException: exception),
                SocketException socket => new LinkException(
                    LinkError.NoSuchPeer, $"{endpoint} cannot be reached: {socket.Message}.", innerException: exception),
                PlatformNotSupportedException => new ArgumentException($"{endpoint} cannot be dialled: {exception.Message}", nameof(endpoint), exception),
                UnauthorizedAccessException => new LinkException(LinkError.Untrusted, $"{endpoint} belongs to another user.", innerException: exception),
                _ => exception,
            };
        }
    }
}

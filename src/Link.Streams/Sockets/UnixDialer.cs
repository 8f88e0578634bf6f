using System.Globalization;
using System.Net.Sockets;
using Link.Abstractions;

namespace Link.Streams.Sockets;

/// <summary>Connects to socket files. Thread-safe.</summary>
internal static class UnixDialer
{
    /// <summary>
    /// Connects to the server at <paramref name="path"/>. While its queue of connections is full, tries again with pauses of 1 to 10 ms.
    /// Checks nobody's identity: see <see cref="PeerCredentials.Of"/>.
    /// </summary>
    /// <param name="path">The socket file; see <see cref="SocketPath"/>.</param>
    /// <param name="time">The clock of <paramref name="timeout"/>.</param>
    /// <param name="timeout">How long to try while the queue is full; zero tries once, infinite is not allowed.</param>
    /// <param name="cancellationToken">Ends the attempt; no socket is left behind.</param>
    /// <returns>A connected socket, which belongs to the caller.</returns>
    /// <exception cref="LinkException">
    /// Nobody listens there (<see cref="LinkError.NoSuchPeer"/>), the socket file is another user's and closed to this one
    /// (<see cref="LinkError.Untrusted"/>), or its queue stayed full (<see cref="LinkError.Timeout"/>).
    /// </exception>
    /// <exception cref="ArgumentException">No socket file can have this path, or the timeout is negative.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<Socket> ConnectAsync(
        string path, TimeProvider time, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        SocketPath.Check(path, nameof(path));
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        var address = new UnixDomainSocketEndPoint(path);
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await ConnectOnceAsync(address, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException e) when (e.SocketErrorCode != SocketError.WouldBlock)
            {
                throw Explain(path, e);
            }
            catch (SocketException e) when (time.GetElapsedTime(start) >= timeout)
            {
                throw new LinkException(
                    LinkError.Timeout,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The server at {path} does not accept: its queue of connections was full for {timeout.TotalMilliseconds:0} ms."),
                    innerException: e);
            }
            catch (SocketException)
            {
                // The queue is full. The pause below is outside of the handler, which must not wait.
            }

            await PauseAsync(timeout - time.GetElapsedTime(start), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask<Socket> ConnectOnceAsync(UnixDomainSocketEndPoint address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Task PauseAsync(TimeSpan left, TimeProvider time, CancellationToken cancellationToken) =>
        left > TimeSpan.Zero ? RetryPause.WaitAsync(left, time, cancellationToken) : Task.CompletedTask;

    private static LinkException Explain(string path, SocketException failure)
    {
        var (error, cause) = failure switch
        {
            { SocketErrorCode: SocketError.ConnectionRefused } => (LinkError.NoSuchPeer, RefusalAt(path)),
            { SocketErrorCode: SocketError.AccessDenied } => DenialAt(path),
            // So the platform reports ENOENT; a Unix socket has no other use for this error.
            { SocketErrorCode: SocketError.AddressNotAvailable } => (LinkError.NoSuchPeer, AbsenceAt(path)),

            // What has no number among the socket errors, such as a part of the path that is no directory, or links in a circle.
            { SocketErrorCode: SocketError.SocketError } => (LinkError.NoSuchPeer, "the path leads nowhere"),
            { SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable } => (LinkError.Overloaded, failure.Message),
            _ => (LinkError.NoSuchPeer, failure.Message),
        };
        return new LinkException(error, $"No connection through {path}: {cause}.", innerException: failure);
    }

    private static string AbsenceAt(string path) => Directory.Exists(Path.GetDirectoryName(path))
        ? "there is no such socket file"
        : "its directory does not exist";

    private static string RefusalAt(string path) => Find(path) is { Kind: not (FileKind.Socket or FileKind.SymbolicLink) }
        ? "it is not a socket"
        : "nobody listens there, it is a stale file";

    private static (LinkError Error, string Cause) DenialAt(string path) => Find(path) is { } found && found.UserId != PeerCredentials.OwnUserId
        ? (LinkError.Untrusted, string.Create(CultureInfo.InvariantCulture, $"it belongs to another user ({found.UserId}) and is closed to this one"))
        : (LinkError.NoSuchPeer, "this process has no permission");

    private static FileStatus? Find(string path)
    {
        try
        {
            return OperatingSystem.IsLinux() ? FileStatus.Of(path) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Link.Abstractions;

namespace Link.Streams.Sockets;

/// <summary>
/// A local name: a socket file with a listener on it. What stands at the path is never deleted blindly, neither when the name is claimed
/// nor when it is given up. Claiming works on Linux only. Thread-safe.
/// </summary>
internal sealed class SocketFile : IDisposable
{
    // Who holds the lock works for about a millisecond. Without the lock the file merely stays, stale, for the next claim.
    private static readonly TimeSpan s_leaveTimeout = TimeSpan.FromMilliseconds(250);

    private readonly FileIdentity _identity;
    private int _isDisposed;

    private SocketFile(string path, Socket listener, FileIdentity identity)
    {
        Path = path;
        Listener = listener;
        _identity = identity;
    }

    /// <summary>The path, as it was given.</summary>
    public string Path { get; }

    /// <summary>The listening socket, not inherited by child processes. It belongs to this object: dispose this object, not the socket.</summary>
    public Socket Listener { get; }

    /// <summary>
    /// Claims a path: a bound and listening Unix stream socket with mode 0600. A stale socket file of this user is replaced; everything else
    /// that may stand at the path is left alone and refused. Two claimants exclude each other through the lock file <c>path.lock</c>.
    /// </summary>
    /// <param name="path">Where; see <see cref="SocketPath"/>.</param>
    /// <param name="reclaimStale">Whether a socket file on which nobody listens may be replaced.</param>
    /// <param name="backlog">How many connections may wait to be accepted; at least 1. The kernel may lower it.</param>
    /// <param name="lockTimeout">How long to wait for the lock file; zero tries once, infinite is not allowed.</param>
    /// <param name="time">The clock of <paramref name="lockTimeout"/>.</param>
    /// <param name="cancellationToken">Counts until the lock is had.</param>
    /// <exception cref="LinkException">The path cannot be had, for the reason in the message (<see cref="LinkError.NameUnavailable"/>).</exception>
    /// <exception cref="ArgumentException">No socket file can have this path, or a number is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing was claimed.</exception>
    /// <exception cref="PlatformNotSupportedException">Not on Linux: the identity of a socket file cannot be told here.</exception>
    public static async ValueTask<SocketFile> ClaimAsync(
        string path, bool reclaimStale, int backlog, TimeSpan lockTimeout, TimeProvider time, CancellationToken cancellationToken = default)
    {
        SocketPath.Check(path, nameof(path));
        ArgumentOutOfRangeException.ThrowIfLessThan(backlog, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(lockTimeout, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(time);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Socket files can be claimed on Linux only.");
        }

        try
        {
            using var taken = await ClaimLock.TakeAsync(path, lockTimeout, time, cancellationToken).ConfigureAwait(false);
            ClearTheWay(path, reclaimStale);
            return Listen(path, backlog);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            throw Refusal(path, e.Message, e);
        }
    }

    /// <summary>
    /// Closes the listener, and removes the file if it is still the same one. A file that another program has put in its place stays,
    /// and so does any file while somebody else is claiming the name for longer than 250 ms. Never throws; the second call does nothing.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        try
        {
            // Before the listener is closed: as long as it is open, no other file can get its inode number.
            Leave();
        }
        finally
        {
            Listener.Dispose();
        }
    }

    internal static LinkException Refusal(string path, string cause, Exception? inner = null) =>
        new(LinkError.NameUnavailable, $"The socket file {path} cannot be claimed: {cause}.", innerException: inner);

    private void Leave()
    {
        try
        {
            ClaimLock? taken = null;
            if (SpinWait.SpinUntil(() => (taken = ClaimLock.TryTake(Path)) is not null, s_leaveTimeout))
            {
                using (taken)
                {
                    RemoveIfStill(Path, _identity);
                }
            }
        }
        catch (Exception e) when (e is LinkException or IOException or UnauthorizedAccessException)
        {
            // The lock cannot be had, or the directory is gone: the file stays, and the next claim finds it stale.
        }
    }

    private static void ClearTheWay(string path, bool reclaimStale)
    {
        if (FileStatus.Of(path) is not { } found)
        {
            return;
        }

        if (Obstacle(found) is { } obstacle)
        {
            throw Refusal(path, obstacle);
        }

        switch (SocketProbe.Probe(path, out var reason))
        {
            case SocketState.Live:
                throw Refusal(path, reason);
            case SocketState.Stale when !reclaimStale:
                throw Refusal(path, "a stale socket file is there, and it is not allowed to remove it");
            case SocketState.Stale:
                RemoveIfStill(path, found.Identity);
                break;
        }
    }

    private static string? Obstacle(FileStatus found) => found switch
    {
        { Kind: FileKind.SymbolicLink } => "a symbolic link is there",
        { Kind: FileKind.PlainFile } => "a plain file is there",
        { Kind: FileKind.Directory } => "a directory is there",
        { Kind: not FileKind.Socket } => "a file that is not a socket is there",
        _ when found.UserId != PeerCredentials.OwnUserId =>
            string.Create(CultureInfo.InvariantCulture, $"a socket file of another user ({found.UserId}) is there"),
        _ => null,
    };

    [SupportedOSPlatform("linux")]
    private static SocketFile Listen(string path, int backlog)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        FileStatus? bound = null;
        try
        {
            listener.Bind(new SocketFileEndPoint(path));
            bound = FileStatus.Of(path);
            if (bound is not { Kind: FileKind.Socket } own || own.UserId != PeerCredentials.OwnUserId)
            {
                throw Refusal(path, "another program replaced it meanwhile");
            }

            // Before listening: until then everybody who connects is refused, whatever the mode.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen(backlog);
            return new SocketFile(path, listener, own.Identity);
        }
        catch
        {
            using (listener)
            {
                if (bound is { Kind: FileKind.Socket } left)
                {
                    RemoveIfStill(path, left.Identity);
                }
            }

            throw;
        }
    }

    private static void RemoveIfStill(string path, FileIdentity identity)
    {
        if (FileStatus.Of(path)?.Identity == identity)
        {
            File.Delete(path);
        }
    }
}

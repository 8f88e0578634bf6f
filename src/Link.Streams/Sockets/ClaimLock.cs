using System.Globalization;
using System.Runtime.InteropServices;
using Link.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Link.Streams.Sockets;

/// <summary>
/// The right to change one socket file, held by at most one claimant or leaver at a time: an exclusive lock on <c>path.lock</c>. The
/// kernel frees the lock of a dead process; its file then lies about until the next claim, which takes it over and removes it.
/// </summary>
internal sealed class ClaimLock : IDisposable
{
    private const uint OwnerOnly = 0x180; // 0600

    private readonly string _path;
    private readonly SafeFileHandle _file;

    private ClaimLock(string path, SafeFileHandle file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Takes the lock, trying again with short pauses while another holds it.</summary>
    /// <exception cref="LinkException">It cannot be had, or not within <paramref name="timeout"/> (<see cref="LinkError.NameUnavailable"/>).</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal static async ValueTask<ClaimLock> TakeAsync(
        string socketPath, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryTake(socketPath) is { } taken)
            {
                return taken;
            }

            var left = timeout - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                throw Refusal(socketPath, string.Create(
                    CultureInfo.InvariantCulture,
                    $"its lock file {LockPath(socketPath)} was held by another claimant for {timeout.TotalMilliseconds:0} ms"));
            }

            await RetryPause.WaitAsync(left, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the lock if nobody holds it, else gives null.</summary>
    /// <exception cref="LinkException">It cannot be had (<see cref="LinkError.NameUnavailable"/>).</exception>
    internal static ClaimLock? TryTake(string socketPath)
    {
        var path = LockPath(socketPath);
        var file = LibC.Open(path, LibC.LockFileFlags, OwnerOnly);
        if (file.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            file.Dispose();
            throw CannotOpen(socketPath, error);
        }

        ClaimLock? taken = null;
        try
        {
            taken = TryLock(socketPath, path, file);
            return taken;
        }
        finally
        {
            if (taken is null)
            {
                file.Dispose();
            }
        }
    }

    /// <summary>Removes the lock file and frees the lock, in this order: who waits for the lock finds the file gone and makes a new one.</summary>
    public void Dispose()
    {
        if (_file.IsClosed)
        {
            return;
        }

        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The directory was taken away in between. A lock file that stays harms nobody: it is not locked.
        }

        _file.Dispose();
    }

    private static ClaimLock? TryLock(string socketPath, string path, SafeFileHandle file)
    {
        var opened = FileStatus.Of(file);
        if (Obstacle(opened) is { } obstacle)
        {
            throw Refusal(socketPath, $"its lock file {path} {obstacle}");
        }

        if (LibC.Lock(file, LibC.LockExclusive | LibC.LockNonBlocking) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error == LibC.WouldBlock
                ? null
                : throw Refusal(socketPath, $"its lock file {path} cannot be locked: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        // Between opening and locking the holder may have removed the file. Then this is the lock of nothing.
        return FileStatus.Of(path)?.Identity == opened.Identity ? new ClaimLock(path, file) : null;
    }

    private static LinkException CannotOpen(string socketPath, int error)
    {
        var path = LockPath(socketPath);
        if (error == LibC.NoSuchFile)
        {
            return Refusal(socketPath, "its directory does not exist");
        }

        var found = Find(path);
        if (found is { } status && Obstacle(status) is { } obstacle)
        {
            return Refusal(socketPath, $"its lock file {path} {obstacle}");
        }

        return Refusal(socketPath, error == LibC.PermissionDenied
            ? $"this process has no permission to make its lock file {path}"
            : $"its lock file {path} cannot be made: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    private static FileStatus? Find(string path)
    {
        try
        {
            return FileStatus.Of(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? Obstacle(FileStatus status) => status switch
    {
        { Kind: FileKind.SymbolicLink } => "is a symbolic link",
        { Kind: not FileKind.PlainFile } => "is not a plain file",
        _ when status.UserId != PeerCredentials.OwnUserId => string.Create(CultureInfo.InvariantCulture, $"belongs to another user ({status.UserId})"),
        _ => null,
    };

    private static string LockPath(string socketPath) => socketPath + ".lock";

    private static LinkException Refusal(string socketPath, string cause) => SocketFile.Refusal(socketPath, cause);
}

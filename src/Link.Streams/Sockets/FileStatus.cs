using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Link.Streams.Sockets;

/// <summary>What stands at a path. A symbolic link is told as itself, never followed. Linux only.</summary>
/// <param name="Kind">The type of the file.</param>
/// <param name="UserId">The owner.</param>
/// <param name="Identity">Which file it is, whatever its name.</param>
internal readonly record struct FileStatus(FileKind Kind, uint UserId, FileIdentity Identity)
{
    private const int TypeMask = 0xF000;

    /// <summary>The status of the path itself; null when nothing is there.</summary>
    /// <exception cref="IOException">The path cannot be looked up for another reason, such as a missing permission.</exception>
    internal static FileStatus? Of(string path)
    {
        if (LibC.StatusOfPath(LibC.CurrentDirectory, path, LibC.NoFollow, LibC.BasicStatistics, out var status) == 0)
        {
            return From(status);
        }

        var error = Marshal.GetLastPInvokeError();
        return error == LibC.NoSuchFile ? null : throw Failure(error);
    }

    /// <summary>The status of an open file.</summary>
    /// <exception cref="IOException">The kernel refuses to tell.</exception>
    internal static FileStatus Of(SafeFileHandle file) =>
        LibC.StatusOfHandle(file, "", LibC.EmptyPath, LibC.BasicStatistics, out var status) == 0
            ? From(status)
            : throw Failure(Marshal.GetLastPInvokeError());

    private static IOException Failure(int error) => new(Marshal.GetPInvokeErrorMessage(error), new Win32Exception(error));

    private static FileStatus From(in LibC.StatxBuffer status) => new(
        (status.Mode & TypeMask) switch
        {
            0xC000 => FileKind.Socket,
            0xA000 => FileKind.SymbolicLink,
            0x8000 => FileKind.PlainFile,
            0x4000 => FileKind.Directory,
            _ => FileKind.Other,
        },
        status.UserId,
        new FileIdentity(status.DeviceMajor, status.DeviceMinor, status.Inode));
}

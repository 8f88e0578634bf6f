using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Link.Streams.Sockets;

/// <summary>The few calls of the C library that .NET does not offer. Linux only, except <see cref="GetEffectiveUserId"/> (any Unix).</summary>
internal static partial class LibC
{
    internal const int NoSuchFile = 2;
    internal const int WouldBlock = 11;
    internal const int PermissionDenied = 13;

    internal const int CurrentDirectory = -100;
    internal const int NoFollow = 0x100;
    internal const int EmptyPath = 0x1000;
    internal const uint BasicStatistics = 0x7ff;

    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;

    // RLIMIT_NOFILE, on every processor that .NET runs on.
    private const int OpenFiles = 7;

    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    /// <summary>The open flags of a lock file: made when missing, never through a symbolic link, not inherited by children.</summary>
    internal static int LockFileFlags { get; } = ReadWrite | Create | NonBlocking | CloseOnExec | RefuseSymbolicLink;

    // O_NOFOLLOW is one of the few flags whose value depends on the processor.
    private static int RefuseSymbolicLink => RuntimeInformation.ProcessArchitecture
        is Architecture.Arm or Architecture.Armv6 or Architecture.Arm64 or Architecture.Ppc64le ? 0x8000 : 0x20000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int StatusOfPath(int directory, string path, int flags, uint mask, out StatxBuffer status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int StatusOfHandle(SafeFileHandle file, string path, int flags, uint mask, out StatxBuffer status);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    /// <summary>How many file descriptors the process may have; null when the system does not tell.</summary>
    internal static ulong? DescriptorLimit() => GetLimit(OpenFiles, out var limit) == 0 ? limit.Current : null;

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        internal nuint Current;
        internal nuint Greatest;
    }

    /// <summary>The kernel's statx structure, which is the same on every processor (that of stat is not). Only what is used has a name.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct StatxBuffer
    {
        [FieldOffset(20)]
        internal uint UserId;

        [FieldOffset(28)]
        internal ushort Mode;

        [FieldOffset(32)]
        internal ulong Inode;

        [FieldOffset(136)]
        internal uint DeviceMajor;

        [FieldOffset(140)]
        internal uint DeviceMinor;
    }
}

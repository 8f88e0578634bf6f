using System.Globalization;
using System.Text;

namespace Link.Streams.Sockets;

/// <summary>Makes the path of a socket file out of its parts, and refuses what the operating system or safety forbids. Thread-safe.</summary>
public static class SocketPath
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The longest path in bytes of UTF-8: 107 on Linux and Windows, 103 on the systems derived from BSD.</summary>
    public static int MaxBytes { get; } = OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() || OperatingSystem.IsWindows() ? 107 : 103;

    /// <summary>The path <paramref name="socketRoot"/> + <paramref name="appSpace"/> + <paramref name="name"/>, as the originals join them.</summary>
    /// <param name="socketRoot">The directory, with its final slash, such as <c>/tmp/</c>.</param>
    /// <param name="appSpace">What all names of one application begin with, such as <c>app.</c>; may be empty.</param>
    /// <param name="name">The name of the server: not empty, not <c>.</c> or <c>..</c>, without <c>/</c> and NUL.</param>
    /// <exception cref="ArgumentNullException">A part is null.</exception>
    /// <exception cref="ArgumentException">The name breaks its rules, or the path has more than <see cref="MaxBytes"/> bytes.</exception>
    public static string Make(string socketRoot, string appSpace, string name)
    {
        ArgumentNullException.ThrowIfNull(socketRoot);
        ArgumentNullException.ThrowIfNull(appSpace);
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0)
        {
            throw new ArgumentException("The name is empty.", nameof(name));
        }

        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
        {
            throw new ArgumentException(
                $"The name '{name.Replace("\0", "\\0", StringComparison.Ordinal)}' cannot name a socket file: '.', '..', '/' and NUL are not allowed.",
                nameof(name));
        }

        var path = socketRoot + appSpace + name;
        Check(path, nameof(name));
        return path;
    }

    /// <summary>Whether a socket stands at the path itself, live or stale. A symbolic link is none, wherever it leads.</summary>
    /// <exception cref="IOException">The path cannot be looked up, such as for a missing permission.</exception>
    /// <exception cref="PlatformNotSupportedException">Not on Linux: the kind of a file cannot be told here.</exception>
    public static bool IsSocket(string path) => OperatingSystem.IsLinux()
        ? FileStatus.Of(path) is { Kind: FileKind.Socket }
        : throw new PlatformNotSupportedException("Socket files can be told from others on Linux only.");

    /// <summary>Refuses a path that no socket file can have.</summary>
    /// <exception cref="ArgumentException">It is empty, contains NUL, is not valid Unicode, or is too long.</exception>
    internal static void Check(string path, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(path, parameter);

        // A path that begins with NUL would be an abstract address: no file, so nobody's permissions guard it.
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("The path of a socket file contains NUL.", parameter);
        }

        var length = CountBytes(path, parameter);
        if (length > MaxBytes)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"The path of the socket file has {length} bytes, the limit is {MaxBytes}: {path}"),
                parameter);
        }
    }

    // Lone surrogates all become the same replacement character: two different names would share one file.
    private static int CountBytes(string path, string parameter)
    {
        try
        {
            return s_strictUtf8.GetByteCount(path);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("The path of the socket file is not valid Unicode.", parameter, e);
        }
    }
}

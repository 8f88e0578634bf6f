using System.Security.Cryptography;

namespace Link.Benchmarks;

/// <summary>A directory of this run for its sockets; deleted, with what is in it, on disposal.</summary>
internal sealed class SocketDirectory : IDisposable
{
    public SocketDirectory()
    {
        // Socket paths hold about 100 characters: the system's own temporary directory may already be longer.
        Path = $"/tmp/lk-{RandomNumberGenerator.GetString("0123456789abcdefghijklmnopqrstuvwxyz", 8)}/";
        Directory.CreateDirectory(Path);
    }

    /// <summary>The directory with a slash at the end, as a socket root is written.</summary>
    public string Path { get; }

    public void Dispose() => Delete(Path);

    /// <summary>Deletes such a directory, if it is still there.</summary>
    public static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Deleted by the other process: it is gone, which is what is wanted.
        }
    }
}

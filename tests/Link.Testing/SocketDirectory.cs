namespace Link.Testing;

/// <summary>A directory of one test for its socket files; deleted, with what is in it, on disposal.</summary>
public sealed class SocketDirectory : IDisposable
{
    /// <summary>Creates the directory.</summary>
    public SocketDirectory()
    {
        Path = $"/tmp/{TestNames.Next("lk")}/";
        Directory.CreateDirectory(Path);
    }

    /// <summary>The directory with a slash at the end, as a socket root is written.</summary>
    public string Path { get; }

    /// <summary>The path of a file in the directory.</summary>
    public string File(string name) => Path + name;

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Disposed before.
        }
    }
}

namespace Link.Streams.Sockets;

/// <summary>The types of file that a claim tells apart.</summary>
internal enum FileKind
{
    /// <summary>A device, a named pipe, or what else there may be.</summary>
    Other,

    /// <summary>A Unix domain socket.</summary>
    Socket,

    /// <summary>A symbolic link, wherever it leads.</summary>
    SymbolicLink,

    /// <summary>A regular file.</summary>
    PlainFile,

    /// <summary>A directory.</summary>
    Directory,
}

using Link.Streams.Endpoints;

namespace Link.NodeIpc.Events;

/// <summary>A server began to listen.</summary>
/// <param name="endpoint">Where.</param>
public sealed class IpcStartedEventArgs(Endpoint endpoint) : EventArgs
{
    /// <summary>Where, with the port that the operating system chose.</summary>
    public Endpoint Endpoint { get; } = endpoint;
}

/// <summary>Something happened to a connection.</summary>
/// <param name="socket">Which.</param>
/// <param name="id">The id it is remembered by, or null.</param>
public sealed class IpcSocketEventArgs(IpcSocket socket, string? id) : EventArgs
{
    /// <summary>Which.</summary>
    public IpcSocket Socket { get; } = socket;

    /// <summary>The id that its messages told, or null.</summary>
    public string? Id { get; } = id;
}

/// <summary>Bytes arrived in raw mode.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="socket">The connection they came by.</param>
public sealed class IpcDataEventArgs(ReadOnlyMemory<byte> bytes, IpcSocket socket) : EventArgs
{
    /// <summary>What one read gave, unchanged; the receiver may keep it.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <summary>The connection they came by.</summary>
    public IpcSocket Socket { get; } = socket;
}

/// <summary>Something went wrong that belongs to no call.</summary>
/// <param name="error">What.</param>
/// <param name="socket">The connection it concerns, or null.</param>
public sealed class IpcErrorEventArgs(Exception error, IpcSocket? socket) : EventArgs
{
    /// <summary>What went wrong; a <see cref="Abstractions.LinkException"/> unless it came out of a handler.</summary>
    public Exception Error { get; } = error;

    /// <summary>The connection it concerns, or null.</summary>
    public IpcSocket? Socket { get; } = socket;
}

using Link.Streams.Endpoints;

namespace Link.NodeIpc.Frames;

/// <summary>Something that listens until it is disposed. Established channels go on.</summary>
/// <param name="endpoint">Where, with the port that the operating system chose.</param>
/// <param name="listening">What listens.</param>
internal sealed class FrameListener(Endpoint endpoint, IAsyncDisposable listening) : IAsyncDisposable
{
    /// <summary>Where it listens, with the port that the operating system chose.</summary>
    public Endpoint Endpoint => endpoint;

    public ValueTask DisposeAsync() => listening.DisposeAsync();
}

using Link.Streams;
using Link.Streams.Datagrams;
using Link.Streams.Endpoints;

namespace Link.NodeIpc.Frames;

/// <summary>Something that listens until it is disposed. Established channels go on.</summary>
/// <param name="endpoint">Where, with the port that the operating system chose.</param>
/// <param name="listening">What listens.</param>
internal sealed class FrameListener(Endpoint endpoint, IAsyncDisposable listening) : IAsyncDisposable
{
    /// <summary>Where it listens, with the port that the operating system chose.</summary>
    public Endpoint Endpoint => endpoint;

    /// <summary>The channel to an address that need not have sent anything: UDP alone has such. It was given to <c>established</c> like every other.</summary>
    /// <exception cref="Abstractions.LinkException">The host has no address, or there is no room.</exception>
    /// <exception cref="ArgumentException">The endpoint is of another kind than this one.</exception>
    public async ValueTask<IFrameChannel> ConnectAsync(Endpoint remote, CancellationToken cancellationToken) => listening is DatagramHost host
        ? await host.ConnectAsync(remote, cancellationToken).ConfigureAwait(false)
        : throw new ArgumentException($"{remote} cannot be reached from {endpoint}.", nameof(remote));

    public ValueTask DisposeAsync() => listening.DisposeAsync();
}

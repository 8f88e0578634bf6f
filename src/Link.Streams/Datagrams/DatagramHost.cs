using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Streams.Datagrams;

/// <summary>Stub.</summary>
public sealed class DatagramHost : IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    public Endpoint Endpoint => throw new NotSupportedException();

    /// <summary>Binds.</summary>
    public static ValueTask<DatagramHost> BindAsync(
        Endpoint endpoint,
        IFrameCodec codec,
        DatagramLimits limits,
        EndpointOptions options,
        ConnectionLimit limit,
        Action<DatagramChannel> established,
        Action<LinkException> report,
        CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}

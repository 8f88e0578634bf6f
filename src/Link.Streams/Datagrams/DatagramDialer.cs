using Link.Streams.Endpoints;

namespace Link.Streams.Datagrams;

/// <summary>Stub.</summary>
public static class DatagramDialer
{
    /// <summary>Dials.</summary>
    public static ValueTask<DatagramChannel> DialAsync(
        Endpoint endpoint, string name, IFrameCodec codec, DatagramLimits limits, EndpointOptions options, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();
}

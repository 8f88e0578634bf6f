using Link.Abstractions;
using Link.Streams.Tls;

namespace Link.Streams.Endpoints;

/// <summary>Begins to listen on an endpoint of any kind that has streams.</summary>
public static class StreamListener
{
    /// <summary>Claims the endpoint and listens. Thread-safe.</summary>
    /// <param name="endpoint">Where: everything but UDP.</param>
    /// <param name="options">Validated by the caller.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is claimed then.</param>
    /// <exception cref="LinkException">
    /// It cannot be had (<see cref="LinkError.NameUnavailable"/>), or would be open to the network without TLS (<see cref="LinkError.Untrusted"/>).
    /// </exception>
    /// <exception cref="ArgumentException">The endpoint has no stream, or is TLS and the options name no certificate.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ValueTask<IStreamListener> ListenAsync(Endpoint endpoint, EndpointOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(options);
        return endpoint.Kind switch
        {
            EndpointKind.Unix => UnixListener.ListenAsync(endpoint, options, cancellationToken),
            EndpointKind.Pipe => new ValueTask<IStreamListener>(PipeListener.Listen(endpoint)),
            EndpointKind.Tcp => TcpStreamListener.ListenAsync(endpoint, options, cancellationToken),
            EndpointKind.Tls => ListenWithTlsAsync(endpoint, options, cancellationToken),
            _ => throw new ArgumentException($"{endpoint} has no stream.", nameof(endpoint)),
        };
    }

    private static async ValueTask<IStreamListener> ListenWithTlsAsync(Endpoint endpoint, EndpointOptions options, CancellationToken cancellationToken)
    {
        if (options.Tls is not { HasCertificate: true } tls)
        {
            throw new ArgumentException($"To listen on {endpoint}, the TLS options must name a certificate and its key.", nameof(options));
        }

        var listener = await TcpStreamListener.ListenAsync(endpoint, options, cancellationToken).ConfigureAwait(false);
        return new TlsListener(listener, tls, options.TimeProvider);
    }
}

using System.IO.Pipes;
using System.Net.Sockets;
using Link.Abstractions;

namespace Link.Streams.Endpoints;

/// <summary>Listens on a named pipe, for this user only. The pipe is there while at least one instance of it waits.</summary>
internal sealed class PipeListener : IStreamListener
{
    private readonly Lock _gate = new();
    private NamedPipeServerStream? _next;
    private bool _isDisposed;

    private PipeListener(Endpoint endpoint, NamedPipeServerStream first)
    {
        Endpoint = endpoint;
        _next = first;
    }

    public Endpoint Endpoint { get; }

    public static IStreamListener Listen(Endpoint endpoint)
    {
        try
        {
            return new PipeListener(endpoint, Create(endpoint, PipeOptions.FirstPipeInstance));
        }
        catch (PlatformNotSupportedException exception)
        {
            throw new ArgumentException($"{endpoint} cannot be listened on: {exception.Message}", nameof(endpoint), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SocketException)
        {
            throw new LinkException(LinkError.NameUnavailable, $"{endpoint} cannot be listened on: {exception.Message}", innerException: exception);
        }
    }

    public async ValueTask<Stream> AcceptAsync(CancellationToken cancellationToken)
    {
        var waiting = Waiting();
        try
        {
            await waiting.WaitForConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // What failed once may never work again: whoever came was another user's, or has gone.
            Replace();
            await waiting.DisposeAsync().ConfigureAwait(false);
            throw new LinkException(
                exception is UnauthorizedAccessException ? LinkError.Untrusted : LinkError.ConnectionLost,
                $"A connection to {Endpoint} was not accepted: {exception.Message}",
                innerException: exception);
        }

        Replace();
        return waiting;
    }

    public ValueTask<PeerStream> EstablishAsync(Stream accepted, CancellationToken cancellationToken) =>
        new(new PeerStream(accepted, new Peer { Endpoint = Endpoint.ToString() }));

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _next?.Dispose();
            _next = null;
        }
    }

    private NamedPipeServerStream Waiting()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _next ??= Create(Endpoint, PipeOptions.None);
        }
    }

    /// <summary>The next instance waits before the last one goes its way, so that the name never vanishes in between.</summary>
    private void Replace()
    {
        lock (_gate)
        {
            _next = null;
            try
            {
                _next = _isDisposed ? null : Create(Endpoint, PipeOptions.None);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SocketException)
            {
                // Out of descriptors, perhaps: the next call tries again, and tells.
            }
        }
    }

    private static NamedPipeServerStream Create(Endpoint endpoint, PipeOptions more) => new(
        endpoint.Address,
        PipeDirection.InOut,
        NamedPipeServerStream.MaxAllowedServerInstances,
        PipeTransmissionMode.Byte,
        PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly | more);
}

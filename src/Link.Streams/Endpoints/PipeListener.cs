using System.IO.Pipes;
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
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LinkException(LinkError.NameUnavailable, $"{endpoint} cannot be listened on: {exception.Message}", innerException: exception);
        }
    }

    public async ValueTask<Stream> AcceptAsync(CancellationToken cancellationToken)
    {
        NamedPipeServerStream waiting;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            waiting = _next ??= Create(Endpoint, PipeOptions.None);
        }

        await waiting.WaitForConnectionAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            // The next instance waits before this one is handed out, so that the name never vanishes in between.
            _next = _isDisposed ? null : Create(Endpoint, PipeOptions.None);
        }

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

    private static NamedPipeServerStream Create(Endpoint endpoint, PipeOptions more) => new(
        endpoint.Address,
        PipeDirection.InOut,
        NamedPipeServerStream.MaxAllowedServerInstances,
        PipeTransmissionMode.Byte,
        PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly | more);
}

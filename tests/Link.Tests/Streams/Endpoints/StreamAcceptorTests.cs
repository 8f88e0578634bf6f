using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Endpoints;
using Link.Testing;

namespace Link.Tests.Streams.Endpoints;

/// <summary>The loop that accepts connections.</summary>
public sealed class StreamAcceptorTests
{
    [Fact]
    public async Task The_end_of_its_listener_is_no_failure()
    {
        var faults = new List<LinkException>();
        var listener = new FailingWhenDisposed();
        var acceptor = new StreamAcceptor(listener, new ConnectionLimit(1), _ => { }, faults.Add, TimeProvider.System);
        await Within.Deadline(listener.Accepting);

        await Within.Deadline(acceptor.DisposeAsync());

        Assert.Empty(faults);
    }

    /// <summary>Ends its accepting by an error on the thread that disposes it, before anything else can happen.</summary>
    private sealed class FailingWhenDisposed : IStreamListener
    {
        private readonly TaskCompletionSource<Stream> _accepted = new();
        private readonly TaskCompletionSource _accepting = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Accepting => _accepting.Task;

        public Endpoint Endpoint { get; } = Endpoint.Unix("/tmp/none");

        public ValueTask<Stream> AcceptAsync(CancellationToken cancellationToken)
        {
            _accepting.TrySetResult();
            return new ValueTask<Stream>(_accepted.Task);
        }

        public ValueTask<PeerStream> EstablishAsync(Stream accepted, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Dispose() => _accepted.TrySetException(new SocketException((int)SocketError.OperationAborted));
    }
}

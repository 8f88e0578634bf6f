using System.Text;
using System.Threading.Channels;
using Link.Abstractions;

namespace Link.Spec.Support;

/// <summary>A transport whose only peer answers while the request is still being written.</summary>
internal sealed class AnsweringTransport : ITransport
{
    private readonly Channel<IConnection> _accepted = Channel.CreateBounded<IConnection>(1);
    private readonly Channel<LinkException> _faults = Channel.CreateBounded<LinkException>(1);

    public ChannelReader<LinkException> Faults => _faults.Reader;

    public long LostFaults => 0;

    public ValueTask BindAsync(string name, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public async ValueTask<IConnection> ConnectAsync(string peer, CancellationToken cancellationToken = default)
    {
        var connection = new Connection(new Peer { Name = peer, Endpoint = "test:" + peer, IsDialled = true });
        await _accepted.Writer.WriteAsync(connection, cancellationToken);
        return connection;
    }

    public async ValueTask<IConnection?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _accepted.Reader.WaitToReadAsync(cancellationToken) && _accepted.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask DisposeAsync()
    {
        _accepted.Writer.TryComplete();
        _faults.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private sealed class Connection(Peer peer) : IConnection
    {
        private readonly Channel<Envelope> _replies = Channel.CreateBounded<Envelope>(1);
        private readonly TaskCompletionSource _replyTaken = Deadline.Signal();
        private int _reads;

        public Peer Peer => peer;

        public EnvelopeFlow Flow => EnvelopeFlow.Replies;

        public async ValueTask<Envelope?> ReadAsync(CancellationToken cancellationToken = default)
        {
            if (++_reads > 1)
            {
                _replyTaken.TrySetResult();
            }

            return await _replies.Reader.WaitToReadAsync(cancellationToken) && _replies.Reader.TryRead(out var reply) ? reply : null;
        }

        public bool TryRead(out Envelope envelope)
        {
            envelope = default;
            return false;
        }

        public async ValueTask WriteAsync(Envelope envelope, bool more = false, CancellationToken cancellationToken = default)
        {
            var payload = new Payload(Encoding.UTF8.GetBytes($"{{\"success\":true,\"id\":{Encoding.UTF8.GetString(envelope.Id.Json.Span)}}}"));
            await _replies.Writer.WriteAsync(new Envelope { Kind = EnvelopeKind.Reply, Id = envelope.Id, Success = true, Payload = payload }, cancellationToken);
            await _replyTaken.Task.Soon();
        }

        public void Flush()
        {
        }

        public ValueTask DisposeAsync()
        {
            _replies.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }
    }
}

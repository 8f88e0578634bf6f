using System.Threading.Channels;
using Link.Abstractions;

namespace Link.Tests.Support;

/// <summary>A connection whose other end is the test.</summary>
internal sealed class FakeConnection(string peer, EnvelopeFlow flow = EnvelopeFlow.Replies) : IConnection
{
    private readonly Channel<Envelope> _incoming = Channel.CreateUnbounded<Envelope>();

    public Peer Peer { get; } = new() { Name = peer, Endpoint = $"fake:{peer}", IsDialled = true };

    public EnvelopeFlow Flow => flow;

    /// <summary>What was written, as text.</summary>
    public Inbox<(RequestId Id, string Text)> Written { get; } = new();

    /// <summary>What a write waits for before it is accepted.</summary>
    public Task Acceptance { get; set; } = Task.CompletedTask;

    public void Deliver(Envelope envelope) => _incoming.Writer.TryWrite(envelope);

    public void Answer(RequestId id) => Deliver(new Envelope
    {
        Kind = EnvelopeKind.Reply,
        Id = id,
        Success = true,
        Payload = Payload.FromJson($$"""{"success":true,"id":{{System.Text.Encoding.UTF8.GetString(id.Json.Span)}}}"""),
    });

    public void End(Exception? failure = null) => _incoming.Writer.TryComplete(failure);

    public bool TryRead(out Envelope envelope) => _incoming.Reader.TryRead(out envelope);

    public async ValueTask<Envelope?> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _incoming.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException exception)
        {
            return exception.InnerException is null ? null : throw exception.InnerException;
        }
    }

    public async ValueTask WriteAsync(Envelope envelope, bool more = false, CancellationToken cancellationToken = default)
    {
        await Acceptance.WaitAsync(cancellationToken);
        Written.Put((RequestId.FromJson(envelope.Id.Json.ToArray()), envelope.Payload.ToString()));
    }

    public void Flush()
    {
    }

    public ValueTask DisposeAsync()
    {
        End();
        return ValueTask.CompletedTask;
    }
}

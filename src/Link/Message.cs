using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Dispatching;
using Newtonsoft.Json.Linq;

namespace Link;

/// <summary>
/// A request that arrived (SPEC.md, Two.3). Its data is parsed where it is looked at, not before. Safe for concurrent use.
/// </summary>
public sealed class Message : IWorkItem
{
    private readonly Session _session;
    private readonly RequestId _id;
    private JToken? _data;
    private int _replied;

    internal Message(Session session, in Envelope envelope)
    {
        _session = session;
        _id = envelope.Id;
        SentBy = envelope.From;
        Payload = envelope.Payload;
    }

    /// <summary>The request's id as text, or null when the peer sent none.</summary>
    public string? Id => _id.IsMissing ? null : _id.ToString();

    /// <summary>
    /// The name the sender gave itself, or null. Anybody can write any name: who really calls is told by <see cref="Peer"/>.
    /// </summary>
    public string? SentBy { get; }

    /// <summary>The data as a token; parsed once. Undefined when the peer sent none.</summary>
    /// <exception cref="LinkException">It cannot be represented (<see cref="LinkError.InvalidData"/>).</exception>
    public JToken Data => _data ??= Payload.AsToken();

    /// <summary>The data as unparsed JSON.</summary>
    public Payload Payload { get; }

    /// <summary>Who called, as the transport knows it.</summary>
    public Peer Peer => _session.Peer;

    /// <summary>Whether a reply has been accepted for sending.</summary>
    public bool IsReplied => Volatile.Read(ref _replied) != 0;

    /// <summary>Converts the data with the server's serializer. Each call converts anew.</summary>
    /// <exception cref="LinkException">It does not fit the type (<see cref="LinkError.InvalidData"/>).</exception>
    public T? As<T>() => Payload.As<T>(_session.Context.Options.Serializer);

    /// <summary>Replies, once (SPEC.md, Two.5-9). Completed means accepted for sending.</summary>
    /// <param name="data">
    /// An object whose members become members of the reply. Its own <c>success</c> and <c>id</c> win over the argument and the request's id.
    /// Arrays, strings, null and other values are taken only together with <paramref name="success"/>, as the original does.
    /// </param>
    /// <param name="success">Whether the requester's promise is fulfilled or rejected; true unless the data says otherwise.</param>
    /// <param name="cancellationToken">Counts until the reply is accepted for sending.</param>
    /// <exception cref="InvalidOperationException">A reply has already been made.</exception>
    /// <exception cref="ArgumentException">The data is no object, and no <paramref name="success"/> was given.</exception>
    /// <exception cref="LinkException">Nothing was sent; another reply may be made.</exception>
    public async Task ReplyAsync(object? data, bool? success = null, CancellationToken cancellationToken = default)
    {
        using var text = new PooledBuffer();
        ClaimReply();
        try
        {
            Payload payload;
            if (data is Payload given)
            {
                payload = given;
            }
            else
            {
                _session.Context.Options.Serializer.Serialize(text, data);
                payload = new Payload(text.WrittenMemory);
            }

            await SendReplyAsync(payload, success, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Volatile.Write(ref _replied, 0);
            throw;
        }
    }

    /// <summary>Replies with JSON as it stands.</summary>
    /// <inheritdoc cref="ReplyAsync(object?, bool?, CancellationToken)"/>
    public async Task ReplyAsync(Payload data, bool? success = null, CancellationToken cancellationToken = default)
    {
        ClaimReply();
        try
        {
            await SendReplyAsync(data, success, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Volatile.Write(ref _replied, 0);
            throw;
        }
    }

    void IWorkItem.Run() => _ = HandleAsync();

    private async Task HandleAsync()
    {
        try
        {
            await _session.Context.Handle(this).ConfigureAwait(false);
        }
        finally
        {
            _session.Context.Slots.Release();
        }
    }

    private void ClaimReply()
    {
        if (Interlocked.Exchange(ref _replied, 1) != 0)
        {
            throw new InvalidOperationException($"The request {Id} has already been replied and cannot be replied again.");
        }
    }

    private async ValueTask SendReplyAsync(Payload data, bool? success, CancellationToken cancellationToken)
    {
        using var text = new PooledBuffer();
        var reply = ReplyComposer.Compose(text, _id, data.Utf8, success);
        await _session.WriteAsync(reply, cancellationToken).ConfigureAwait(false);
    }
}

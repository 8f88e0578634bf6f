using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.NodeIpc.Frames;
using Link.Streams;

namespace Link.NodeIpc.Events;

/// <summary>One connection, seen from this end. Safe for concurrent use. Dead once closed: a client that connects again has another one.</summary>
public sealed class IpcSocket
{
    private readonly IpcContext _context;
    private readonly Outbox _outbox;
    private readonly Lock _gate = new();
    private PeerChannel? _established;
    private bool _closed;

    /// <summary>A connection that is yet to be made.</summary>
    internal IpcSocket(IpcContext context, string name, bool sync)
    {
        _context = context;
        _outbox = new Outbox(sync, context.Options, name);
        Peer = new Peer { Name = name, Endpoint = "", IsDialled = true };
    }

    /// <summary>A connection that was accepted.</summary>
    internal IpcSocket(IpcContext context, PeerChannel established)
        : this(context, established.Peer.ToString(), sync: false) => TryOpen(established);

    /// <summary>On a server: the last <c>id</c> that data on this connection told, or null. Anybody can write any id.</summary>
    public string? Id { get; internal set; }

    /// <summary>Who is at the other end, as the operating system knows it.</summary>
    public Peer Peer { get; private set; }

    /// <summary>Whether it is connected.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return !_closed && _established is not null;
            }
        }
    }

    /// <summary>Sends a message; the task ends when it has been accepted for sending.</summary>
    /// <param name="type">The type, which chooses the handler there.</param>
    /// <param name="data">Any value that has a JSON form, or a <see cref="Payload"/>. What would be null, an empty text or NaN goes as <c>{}</c>.</param>
    /// <param name="cancellationToken">Counts while it waits; then nothing is sent.</param>
    /// <exception cref="LinkException">
    /// Nothing was sent: <see cref="LinkError.ConnectionLost"/>, <see cref="LinkError.Overloaded"/>, <see cref="LinkError.TooLarge"/>,
    /// <see cref="LinkError.InvalidData"/> or <see cref="LinkError.Timeout"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">In raw mode there are no messages.</exception>
    public async Task EmitAsync(string type, object? data = null, CancellationToken cancellationToken = default)
    {
        using var content = new PooledBuffer();
        _context.WriteMessage(content, type, data);
        await SendAsync(content.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends bytes as they are, in raw mode.</summary>
    /// <inheritdoc cref="EmitRawAsync(string, CancellationToken)"/>
    public async Task EmitRawAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        _context.ThrowIfNotRaw();
        await SendAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends text in the encoding of the options, in raw mode.</summary>
    /// <exception cref="LinkException">Nothing was sent, as with <see cref="EmitAsync"/>.</exception>
    /// <exception cref="InvalidOperationException">This is not raw mode.</exception>
    public async Task EmitRawAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        _context.ThrowIfNotRaw();
        await SendAsync(RawText.ToBytes(text, _context.Options.Encoding), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends what was accepted, within the write timeout, and closes. A client then goes on as its options say.</summary>
    public async Task CloseAsync()
    {
        PeerChannel? established;
        lock (_gate)
        {
            _closed = true;
            established = _established;
        }

        _outbox.Close(cause: null);
        if (established is { } open)
        {
            await open.Channel.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Name and endpoint, for people.</summary>
    public override string ToString() => Peer.ToString();

    /// <summary>Why this process ended it, if it was for a fault.</summary>
    internal LinkException? CutReason { get; private set; }

    /// <summary>Sends the content of one frame.</summary>
    internal Task SendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => _outbox.SendAsync(content, cancellationToken);

    /// <summary>The connection is made; false when this was closed meanwhile, and the channel is the caller's to close.</summary>
    internal bool TryOpen(PeerChannel established)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _established = established;
            Peer = established.Peer;
        }

        _outbox.Open(established.Channel);
        return true;
    }

    /// <summary>Whether it is the connection on this channel.</summary>
    internal bool IsOn(IFrameChannel channel) => _established?.Channel == channel;

    /// <summary>Something was received.</summary>
    internal void OnReceived() => _outbox.OnReceived();

    /// <summary>The connection has ended, or was not made: nothing more goes out.</summary>
    internal void End(LinkException? cause)
    {
        lock (_gate)
        {
            _closed = true;
        }

        _outbox.Close(cause);
    }

    /// <summary>Ends the connection for a reason that its reader will report.</summary>
    internal void Cut(LinkException reason)
    {
        lock (_gate)
        {
            CutReason ??= reason;
            _closed = true;
        }

        _outbox.Close(reason);
        _established?.Channel.Fail(reason);
    }
}

using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Json;
using Link.Flic.Frames;
using Link.Logging;
using Link.Streams;
using Link.Streams.Endpoints;

namespace Link.Flic;

/// <summary>
/// One connection to a bridge, registered there under one name (SPEC.md, "flic: nodes"). Dead once it has ended. Everything of this assembly that
/// is a node talks through it. Safe for concurrent use.
/// </summary>
internal sealed class NodeLink : IAsyncDisposable
{
    // What an original can read at once, less what its bridge adds to a frame it passes on.
    internal const int LargestForOriginals = (64 * 1024) - 64;

    private const int RoundsPerTurn = 4;

    private readonly FrameChannel _channel;
    private readonly PacedStream _stream;
    private readonly INodeEvents _events;
    private readonly NodeLinkOptions _options;
    private readonly byte[] _linkId = FrameId.New();
    private readonly byte[] _identId = FrameId.New();
    private readonly byte[] _leaveId = FrameId.New();
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<LinkException?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeLink(PeerStream stream, string name, NodeLinkOptions options, INodeEvents events)
    {
        Name = name;
        QuotedName = JsonText.Quote(name);
        Bridge = stream.Peer;
        _options = options;
        _events = events;
        _stream = new PacedStream(stream.Stream, options.Endpoints.TimeProvider);
        _channel = new FrameChannel(_stream, new DelimiterCodec(0), options.Limits, stream.Peer, options.Endpoints.TimeProvider, PacedStream.MaxWriteBytes);
    }

    /// <summary>The name it is registered under.</summary>
    public string Name { get; }

    /// <summary>The name as JSON text.</summary>
    public ReadOnlyMemory<byte> QuotedName { get; }

    /// <summary>The bridge.</summary>
    public Peer Bridge { get; }

    /// <summary>Whether the bridge is Link's: then no frame is paced, and only the limits count.</summary>
    public bool BridgeIsLink => !_stream.IsPaced;

    /// <summary>Ends with the connection: why, or null when it was closed in good order.</summary>
    public Task<LinkException?> Ended => _ended.Task;

    /// <summary>Connects, with the attempts of the options, and waits until the bridge has acknowledged the name.</summary>
    /// <exception cref="LinkException">
    /// There is no bridge (<see cref="LinkError.NoSuchPeer"/>, <see cref="LinkError.Timeout"/>), or the name is taken (<see cref="LinkError.NameUnavailable"/>).
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; no connection is left behind.</exception>
    public static async Task<NodeLink> OpenAsync(NodeLinkOptions options, string name, INodeEvents events, CancellationToken cancellationToken)
    {
        var stream = await BridgeDialer.DialAsync(options, cancellationToken).ConfigureAwait(false);
        var link = new NodeLink(stream, name, options, events);
        try
        {
            await link.RegisterAsync(cancellationToken).ConfigureAwait(false);
            return link;
        }
        catch
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Hands over one frame; the name of this node is added.</summary>
    /// <exception cref="LinkException">Nothing was sent: too large, overloaded or closed.</exception>
    public void Write(OutgoingFrame frame, bool more = false) => Write(frame with { NodeName = QuotedName }, OutgoingFrame.Encode, more);

    /// <summary>Hands over one frame. One that leaves room is refused while a third of the backlog waits already: what others wait for must still get through.</summary>
    /// <inheritdoc cref="Write(OutgoingFrame, bool)"/>
    public void Write<TState>(TState state, FrameEncoder<TState> encode, bool more = false, bool leavesRoom = false) => _channel.Write(
        (Link: this, State: state, Encode: encode, LeavesRoom: leavesRoom),
        static (output, frame) =>
        {
            var start = output.Length;
            if (frame.LeavesRoom && start > frame.Link._options.Limits.OutboundBacklogBytes / 3)
            {
                throw new LinkException(LinkError.Overloaded, $"{start} bytes already wait to be sent to {frame.Link.Bridge}.", peer: frame.Link.Bridge);
            }

            frame.Encode(output, frame.State);
            frame.Link.ThrowIfTooLarge(output.Length - start);
            frame.Link._stream.ThrowIfBehind(output.Length - start, output.Length, frame.Link._options.Limits, frame.Link.Bridge);
        },
        more);

    /// <summary>Sends what writes with <c>more</c> left behind.</summary>
    public void Flush() => _channel.Flush();

    /// <summary>Gives the name up with LEAVE, waits for the acknowledgement as long as the options say, and closes.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            Write(new OutgoingFrame { Method = FlicMethod.Leave, Id = _leaveId });
            await Task.WhenAny(_left.Task, Ended).WaitAsync(_options.RegisterTimeout, _options.Endpoints.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is LinkException or TimeoutException)
        {
            // The bridge is gone or says nothing: closing frees the name as well.
        }
        finally
        {
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Closes without a word: the bridge frees the name when it sees the end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync().ConfigureAwait(false);
        await Ended.ConfigureAwait(false);
    }

    /// <summary>Closes because of an error; the first cause given stays.</summary>
    public void Fail(LinkException cause) => _channel.Fail(cause);

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        ThreadPool.UnsafeQueueUserWorkItem(static link => _ = link.ReadAsync(), this, preferLocal: false);

        // An original passes over the first; a bridge of Link has answered it when it acknowledges the second.
        Write(new OutgoingFrame { Method = FlicMethod.Link, Id = _linkId, First = "1"u8.ToArray() });
        Write(new OutgoingFrame { Method = FlicMethod.Ident, Id = _identId });
        try
        {
            await _registered.Task.WaitAsync(_options.RegisterTimeout, _options.Endpoints.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new LinkException(
                LinkError.Timeout, $"{Bridge} did not acknowledge the name {Name} within {_options.RegisterTimeout.TotalSeconds:0.###} s.", peer: Bridge);
        }
    }

    private async Task ReadAsync()
    {
        LinkException? failure = null;
        try
        {
            for (var rounds = 1; await _channel.FillAsync().ConfigureAwait(false); rounds++)
            {
                while (_channel.TryRead(out var frame))
                {
                    Take(frame);
                }

                if (rounds % RoundsPerTurn == 0)
                {
                    // A bridge that floods must not keep the thread from everybody else.
                    await Task.Yield();
                }
            }
        }
        catch (LinkException exception)
        {
            failure = exception;
        }
        catch (Exception exception)
        {
            // Not known to happen; but whoever waits for the end must hear of it.
            failure = new LinkException(
                LinkError.ConnectionLost, $"Reading from {Bridge} failed: {exception.Message}", RequestFate.Unknown, Bridge, exception);
        }

        await _channel.DisposeAsync().ConfigureAwait(false);
        _registered.TrySetException(failure?.For(RequestFate.NotSent) ?? new LinkException(
            LinkError.ConnectionLost, $"{Bridge} closed the connection before it acknowledged the name {Name}.", peer: Bridge));
        _ = _registered.Task.Exception;
        _ended.TrySetResult(failure);
        _events.OnEnded(this, failure);
    }

    private void Take(ReadOnlyMemory<byte> content)
    {
        if (content.IsEmpty)
        {
            return;
        }

        // What comes of it outlives the receive buffer.
        content = content.ToArray();
        try
        {
            if (!FlicFrame.TryRead(content, out var frame) || !TryDispatch(frame))
            {
                _events.OnFault(new LinkException(LinkError.ProtocolViolation, $"A frame from {Bridge} was dropped: it is no message for a node.", peer: Bridge));
            }
        }
        catch (JsonException exception)
        {
            // Without the inner exception, which may repeat the frame.
            var malformed = new LinkException(
                LinkError.ProtocolViolation,
                $"{Bridge} sent a malformed frame ({Shown.Text(exception.Message)}); the connection is closed.",
                RequestFate.Unknown,
                Bridge);
            _channel.Fail(malformed);
            throw malformed;
        }
    }

    private bool TryDispatch(in FlicFrame frame)
    {
        var items = new JsonItems(frame.Data);
        switch (frame.Method)
        {
            case FlicMethod.Ack:
                var id = items.Take();
                TakeAnswer(id, items.MoveNext() && items.Kind == JsonTokenType.StartArray ? items.Current : default);
                return !id.IsEmpty;
            case FlicMethod.Tell:
                return IncomingEvents.TryTakeTell(items, _events);
            case FlicMethod.Shout:
                return IncomingEvents.TryTakeShout(items, frame.Data, _events);
            case FlicMethod.Close:
                _events.OnClose(frame.Data);
                return true;
            default:
                // Forgiven, as the originals do.
                return true;
        }
    }

    private void TakeAnswer(ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> arguments)
    {
        if (id.Span.SequenceEqual(_linkId))
        {
            _stream.IsPaced = false;
        }
        else if (id.Span.SequenceEqual(_identId))
        {
            Settle(new JsonItems(arguments).Take());
        }
        else if (id.Span.SequenceEqual(_leaveId))
        {
            _left.TrySetResult();
        }
        else
        {
            _events.OnAnswer(id, arguments);
        }
    }

    private void Settle(ReadOnlyMemory<byte> error)
    {
        if (error.IsEmpty || error.Span.SequenceEqual("null"u8))
        {
            if (!_registered.Task.IsCompleted)
            {
                _events.OnRegistered(this);
                _registered.TrySetResult();
            }

            return;
        }

        var isTaken = error.Span.SequenceEqual("\"duplicate-node\""u8);
        _registered.TrySetException(new LinkException(
            LinkError.NameUnavailable,
            isTaken ? $"duplicate-node: the name {Name} is taken on {Bridge}." : $"{Bridge} refused the name {Name}: {Shown.Text(error.Span)}",
            peer: Bridge));
    }

    private void ThrowIfTooLarge(int bytes)
    {
        if (bytes > LargestForOriginals && !BridgeIsLink)
        {
            throw new LinkException(
                LinkError.TooLarge,
                $"The frame has {bytes} bytes. {Bridge} is an original flic bridge, which loses what is larger than {LargestForOriginals}.",
                peer: Bridge);
        }
    }
}

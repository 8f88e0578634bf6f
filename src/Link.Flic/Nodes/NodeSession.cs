using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>
/// One connection of a <see cref="FlicNode"/>, from the first attempt to its end: what is told through it, and what waits until it is made. Safe for
/// concurrent use.
/// </summary>
internal sealed class NodeSession(FlicNode node, FlicNodeOptions options) : INodeEvents
{
    private readonly PendingTells _pending = new(options.MaxPendingTells, options.TellTimeout, options.TimeProvider);
    private readonly ForgottenTells _forgotten = new(options.MaxPendingTells);
    private readonly Lock _gate = new();
    private UnsentFrames? _unsent = new(options.MaxPendingTells, options.Limits.OutboundBacklogBytes);
    private volatile NodeLink? _link;
    private LinkException? _parting;
    private bool _isClosing;
    private LinkException? _end;

    /// <summary>Whether the name is registered, and the connection up.</summary>
    public bool IsOpen => _link is not null && End is null;

    /// <summary>Why it has ended; null as long as it has not.</summary>
    public LinkException? End => Volatile.Read(ref _end);

    /// <summary>Connects and registers; then sends what was held.</summary>
    /// <exception cref="LinkException">As <see cref="NodeLink.OpenAsync"/>, or the connection was lost at once.</exception>
    public async Task OpenAsync(NodeLinkOptions linkOptions, CancellationToken cancellationToken)
    {
        try
        {
            var link = await NodeLink.OpenAsync(linkOptions, node.Id, this, cancellationToken).ConfigureAwait(false);
            if (!TryAttach(link))
            {
                await link.DisposeAsync().ConfigureAwait(false);
                throw (End ?? Cause(link, await link.Ended.ConfigureAwait(false))).For(RequestFate.NotSent);
            }
        }
        catch (Exception exception)
        {
            Finish(exception as LinkException ??
                new LinkException(LinkError.ConnectionLost, $"The node {node.Id} did not connect: {exception.Message}", innerException: exception));
            throw;
        }
    }

    /// <summary>Tells, and waits for the answer.</summary>
    public Task<FlicArguments> TellAsync(TellTarget target, byte[] arguments, CancellationToken cancellationToken)
    {
        var frame = Frame(target, arguments, out var id);
        var tell = _pending.Add(id, target, cancellationToken);
        try
        {
            Send(new NodeFrame(frame, tell, null));
        }
        catch
        {
            _pending.Take(id);
            throw;
        }

        return tell.Task;
    }

    /// <summary>Tells; ends when it is handed over.</summary>
    public Task TellAndForgetAsync(TellTarget target, byte[] arguments)
    {
        var frame = Frame(target, arguments, out var id);
        _forgotten.Add(id, target);
        return SendAsync(frame);
    }

    /// <summary>Tells everybody; ends when it is handed over.</summary>
    /// <param name="items">The event and its arguments, joined by commas.</param>
    public Task ShoutAsync(byte[] items) => SendAsync(new OutgoingFrame { Method = FlicMethod.Shout, First = items });

    /// <summary>Answers.</summary>
    public void Acknowledge(string sender, ReadOnlyMemory<byte> id, IReadOnlyList<object?> arguments) =>
        WriteAnswer(sender, id, Arguments.Write(arguments, options.Serializer));

    /// <summary>Answers with an error, if that is possible.</summary>
    public void Refuse(string sender, ReadOnlyMemory<byte> id, string error)
    {
        try
        {
            WriteAnswer(sender, id, [(byte)'[', .. JsonText.Quote(error), (byte)']']);
        }
        catch (LinkException exception)
        {
            node.Report(exception);
        }
    }

    /// <summary>Leaves, or closes at once. Everything that waits fails with the cause.</summary>
    public async Task CloseAsync(bool force, LinkException cause)
    {
        NodeLink? link;
        lock (_gate)
        {
            link = _link;
            _parting ??= cause;
        }

        if (link is not null)
        {
            await (force ? link.DisposeAsync().AsTask() : link.LeaveAsync()).ConfigureAwait(false);
        }

        Finish(cause);
    }

    /// <inheritdoc/>
    public void OnRegistered(NodeLink link) => node.OnRegistered(this);

    /// <inheritdoc/>
    public void OnTell(string sender, ReadOnlyMemory<byte> id, string name, ReadOnlyMemory<byte> arguments) =>
        node.Handlers.Post(new FlicMessage(this, name, sender, id, new FlicArguments(arguments, 0, options.Serializer)), Bytes(arguments, sender, name));

    /// <inheritdoc/>
    public void OnShout(string name, ReadOnlyMemory<byte> data) =>
        node.Handlers.Post(new FlicMessage(this, name, null, default, new FlicArguments(data, 1, options.Serializer)), Bytes(data, "", name));

    /// <inheritdoc/>
    public void OnAnswer(ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> arguments)
    {
        if (!Answer.TryReadId(id.Span, out var key))
        {
            return;
        }

        if (_pending.Take(key) is { } tell)
        {
            if (Answer.ErrorOf(tell.Target, arguments, Bridge) is { } error)
            {
                tell.TrySetException(error);
            }
            else
            {
                tell.TrySetResult(new FlicArguments(arguments, 1, options.Serializer));
            }
        }
        else if (_forgotten.Remove(key, out var target) && Answer.ErrorOf(target, arguments, Bridge) is { } unheard)
        {
            node.Report(unheard, unheard is FlicException ? Retained.Bytes(arguments) : 0);
        }
    }

    /// <inheritdoc/>
    public void OnClose(ReadOnlyMemory<byte> parting)
    {
        if (_isClosing)
        {
            // A bridge that repeats it must not crowd out the end of the connection.
            node.Report(new LinkException(LinkError.ProtocolViolation, $"{Bridge} said more than once that it closes.", peer: Bridge));
            return;
        }

        _isClosing = true;
        node.OnClosed(this, new FlicArguments(parting, 0, options.Serializer), Retained.Bytes(parting));
    }

    /// <inheritdoc/>
    public void OnFault(LinkException fault) => node.Report(fault);

    /// <inheritdoc/>
    public void OnEnded(NodeLink link, LinkException? cause)
    {
        lock (_gate)
        {
            if (_link is null)
            {
                // Whoever opens it hears of it there, and why.
                return;
            }
        }

        Finish(Cause(link, cause));
        node.OnLost(this);
    }

    /// <summary>The bridge.</summary>
    public Peer Bridge => _link?.Bridge ?? new Peer { Name = "the bridge", Endpoint = options.ForLink().Bridge.ToString() };

    // The frame as a whole stays as long as its arguments do; the names are texts beside it.
    private static long Bytes(ReadOnlyMemory<byte> part, string sender, string name) =>
        Retained.Bytes(part) + (sizeof(char) * ((long)sender.Length + name.Length));

    private static OutgoingFrame Frame(TellTarget target, byte[] arguments, out Guid id)
    {
        var quotedId = FrameId.New();
        Answer.TryReadId(quotedId, out id);
        return new OutgoingFrame
        {
            Method = FlicMethod.Tell,
            Id = quotedId,
            First = JsonText.Quote(target.Node),
            Second = JsonText.Quote(target.Event),
            Third = arguments,
        };
    }

    private void WriteAnswer(string sender, ReadOnlyMemory<byte> id, byte[] arguments) => Send(new NodeFrame(
        new OutgoingFrame { Method = FlicMethod.Ack, First = JsonText.Quote(sender), Second = id.IsEmpty ? "null"u8.ToArray() : id, Third = arguments },
        null,
        null));

    private Task SendAsync(OutgoingFrame frame)
    {
        if (_link is not null)
        {
            Send(new NodeFrame(frame, null, null));
            return Task.CompletedTask;
        }

        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Send(new NodeFrame(frame, null, sent));
        return sent.Task;
    }

    private void Send(NodeFrame frame)
    {
        if (_link is null)
        {
            lock (_gate)
            {
                if (_end is not null)
                {
                    throw _end.For(RequestFate.NotSent);
                }

                if (_unsent is not null)
                {
                    _unsent.Add(frame);
                    return;
                }
            }
        }

        frame.WriteTo(_link!);
    }

    /// <summary>Sends what waits for the connection, before anything else is sent.</summary>
    private bool TryAttach(NodeLink link)
    {
        lock (_gate)
        {
            if (_end is not null || link.Ended.IsCompleted)
            {
                return false;
            }

            _unsent!.WriteTo(link, _pending);
            _unsent = null;
            _link = link;
            return true;
        }
    }

    private LinkException Cause(NodeLink link, LinkException? cause) => _parting ?? cause ??
        new LinkException(LinkError.ConnectionLost, $"{link.Bridge} closed the connection of the node {node.Id}.", RequestFate.Unknown, link.Bridge);

    private void Finish(LinkException cause)
    {
        UnsentFrames? unsent;
        lock (_gate)
        {
            if (_end is not null)
            {
                return;
            }

            Volatile.Write(ref _end, cause);
            unsent = _unsent;
            _unsent = null;
        }

        _pending.End(cause);
        unsent?.Fail(cause);
    }
}

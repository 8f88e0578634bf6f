using Link.Abstractions;
using Link.Flic.Frames;
using Link.Streams;
using Link.Streams.Endpoints;

namespace Link.Flic;

/// <summary>What became of a frame.</summary>
internal enum Delivery
{
    /// <summary>It will be sent.</summary>
    Accepted,

    /// <summary>It is larger than the other side can read.</summary>
    TooLarge,

    /// <summary>The other side does not read.</summary>
    Overloaded,

    /// <summary>The other side is an original, which cannot be written to that fast: no fault of its own.</summary>
    Behind,

    /// <summary>The connection is closed.</summary>
    Gone,
}

/// <summary>How far a connection is.</summary>
internal enum NodeState
{
    /// <summary>It has not asked for a name yet: what it sends is held.</summary>
    New,

    /// <summary>It has a name.</summary>
    Registered,

    /// <summary>It was refused the name it asked for, or has given it up.</summary>
    Nameless,
}

/// <summary>One connection to a bridge. One loop reads it and changes its state; anybody may send on it.</summary>
internal sealed class BridgeNode
{
    // What an original reads at once, less the delimiter.
    internal const int LargestForOriginals = (64 * 1024) - 1;

    private readonly FrameChannel _channel;
    private readonly PacedStream _stream;
    private readonly StreamLimits _limits;
    private readonly TimeSpan _registerTimeout;
    private readonly ITimer _registerDeadline;
    private readonly HashSet<BridgeNode> _written = [];
    private int _missed;

    public BridgeNode(PeerStream stream, FlicBridgeOptions options)
    {
        Peer = stream.Peer;
        _limits = options.Limits;
        Held = new HeldFrames(options.Limits.MaxFrameBytes);
        _stream = new PacedStream(stream.Stream, options.TimeProvider);
        _channel = new FrameChannel(_stream, new DelimiterCodec(0), options.Limits, stream.Peer, options.TimeProvider, PacedStream.MaxWriteBytes);
        _registerTimeout = options.RegisterTimeout;
        _registerDeadline = options.TimeProvider.CreateTimer(
            static node => ((BridgeNode)node!).OnRegisterDeadline(), this, _registerTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Who it is: with its name, once it has one.</summary>
    public Peer Peer { get; private set; }

    /// <summary>How far it is.</summary>
    public NodeState State { get; private set; }

    /// <summary>Its names: one, or any number with <see cref="FlicBridgeOptions.CompatibleSenders"/>.</summary>
    public List<string> Names { get; } = [];

    /// <summary>The name that it registered first, as JSON text.</summary>
    public ReadOnlyMemory<byte> QuotedName { get; private set; }

    /// <summary>Whether it has said that it is a node of Link: no pacing then, and only the limits count.</summary>
    public bool IsLink => !_stream.IsPaced;

    /// <summary>What it sent before it asked for a name.</summary>
    public HeldFrames Held { get; }

    /// <summary>What it waits for, and what others wait for from it.</summary>
    public TellLedger Tells { get; } = new();

    /// <summary>How many frames of it meant nothing. Its reader's.</summary>
    public int Dropped { get; set; }

    /// <summary>Counts a frame for all that did not go to it.</summary>
    /// <returns>How many there are.</returns>
    public int CountMissed() => Interlocked.Increment(ref _missed);

    /// <summary>How many frames have been written for it since this was set to zero.</summary>
    public int Writes { get; set; }

    /// <summary>Completed when nothing is left of it.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc cref="IFrameChannel.FillAsync"/>
    public ValueTask<bool> FillAsync() => _channel.FillAsync();

    /// <inheritdoc cref="IFrameChannel.TryRead"/>
    public bool TryRead(out ReadOnlyMemory<byte> content) => _channel.TryRead(out content);

    /// <summary>Sends a frame that this connection's reader has caused. It leaves at the latest with <see cref="FlushWritten"/>.</summary>
    public Delivery Write<TState>(BridgeNode to, TState state, FrameEncoder<TState> encode, bool mayWait = false)
    {
        Writes++;
        _written.Add(to);
        return to.Send(state, encode, more: true, mayWait);
    }

    /// <summary>Sends what was written to others.</summary>
    public void FlushWritten()
    {
        foreach (var node in _written)
        {
            node._channel.Flush();
        }

        _written.Clear();
    }

    /// <summary>
    /// Hands over one frame. What may wait for as long as writing to an original takes, such as an answer, is refused by the backlog alone: whoever asked so
    /// much bears the wait.
    /// </summary>
    public Delivery Send<TState>(TState state, FrameEncoder<TState> encode, bool more = false, bool mayWait = false)
    {
        try
        {
            _channel.Write(
                (Node: this, State: state, Encode: encode, MayWait: mayWait),
                static (output, frame) =>
                {
                    var start = output.Length;
                    frame.Encode(output, frame.State);
                    frame.Node.ThrowIfTooLarge(output.Length - start);
                    if (!frame.MayWait)
                    {
                        frame.Node.ThrowIfNoRoom(start);
                        frame.Node._stream.ThrowIfBehind(output.Length - start, output.Length, frame.Node._limits, frame.Node.Peer);
                    }
                },
                more);
            return Delivery.Accepted;
        }
        catch (LinkException exception) when (exception.Error == LinkError.TooLarge)
        {
            return Delivery.TooLarge;
        }
        catch (LinkException exception) when (exception.Error == LinkError.Overloaded)
        {
            return IsLink && !_stream.HasProgress ? Delivery.Overloaded : Delivery.Behind;
        }
        catch (LinkException)
        {
            return Delivery.Gone;
        }
    }

    /// <summary>It is a node of Link.</summary>
    public void BecomeLink() => _stream.IsPaced = false;

    /// <summary>It has one name more.</summary>
    public void BecomeRegistered(string name, ReadOnlyMemory<byte> quotedName)
    {
        _registerDeadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (Names.Count == 0)
        {
            QuotedName = quotedName;
            Peer = Peer with { Name = name };
        }

        Names.Add(name);
        State = NodeState.Registered;
    }

    /// <summary>It has no name, and is not expected to wait for one.</summary>
    public void BecomeNameless()
    {
        if (State == NodeState.Registered)
        {
            _registerDeadline.Change(_registerTimeout, Timeout.InfiniteTimeSpan);
        }

        Names.Clear();
        State = NodeState.Nameless;
    }

    /// <summary>Closes it because there is no room for what it must get.</summary>
    public void Cut() => Fail(new LinkException(
        LinkError.Overloaded, $"{Peer} does not read fast enough, and there is no room for more; the connection is closed.", RequestFate.Unknown, Peer));

    /// <summary>Closes because of an error; the first cause given stays.</summary>
    public void Fail(LinkException cause) => _channel.Fail(cause);

    /// <summary>Sends what waits, within the bounds of the connection, and closes.</summary>
    public async Task CloseAsync()
    {
        await _channel.DisposeAsync().ConfigureAwait(false);
        await _registerDeadline.DisposeAsync().ConfigureAwait(false);
    }

    private void OnRegisterDeadline() => Fail(new LinkException(
        LinkError.Timeout, $"{Peer} has registered no name within {_registerTimeout.TotalSeconds:0.###} s; the connection is closed.", peer: Peer));

    /// <summary>What others tell must leave room for answers: a third may be on its way, a third wait behind it.</summary>
    private void ThrowIfNoRoom(int waiting)
    {
        if (waiting > _limits.OutboundBacklogBytes / 3)
        {
            throw new LinkException(LinkError.Overloaded, $"{waiting} bytes already wait to be sent to {Peer}.", peer: Peer);
        }
    }

    private void ThrowIfTooLarge(int bytes)
    {
        if (bytes > LargestForOriginals && !IsLink)
        {
            throw new LinkException(LinkError.TooLarge, $"The frame has {bytes} bytes; {Peer} is an original and would lose it.", peer: Peer);
        }
    }
}

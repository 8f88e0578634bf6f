using System.Runtime.CompilerServices;
using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Logging;
using Link.Masterless.MessagePack;
using Link.Masterless.Packets;
using Link.Streams;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>
/// The one chosen connection with a node (SPEC.md, "masterless: connections"). Heartbeats and keep packets are read and written here; everything else is its user's. One reader, any
/// number of writers; disposal at any time. Dead once it has ended: it closes itself when its reader has been told.
/// </summary>
internal sealed class MeshLink : IAsyncDisposable
{
    private readonly MeshOptions _options;
    private readonly PacketFormat _format;
    private readonly NodeTable _nodes;
    private readonly FrameChannel _channel;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Liveness _liveness;
    private readonly Lock _keepGate = new();
    private bool _hasEnded;
    private bool _hasLeft;
    private bool _isMarked;
    private bool? _keeps;
    private bool _isClosed;

    /// <param name="handshake">What led to it.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="nodes">Where it is to be found; it leaves when it ends.</param>
    public MeshLink(Handshake handshake, MeshOptions options, NodeTable nodes)
    {
        Handshake = handshake;
        _options = options;
        _nodes = nodes;
        _format = options.PacketFormat;
        _channel = handshake.Channel;
        _liveness = new Liveness(options);
    }

    /// <summary>What led to it.</summary>
    public Handshake Handshake { get; }

    /// <summary>The id of the node.</summary>
    public string Id => Handshake.RemoteId!;

    /// <summary>Where the node listens: what was dialled, or what it has announced.</summary>
    public Endpoint Address => Handshake.Address!;

    /// <summary>The node.</summary>
    public Peer Peer => Handshake.Peer;

    /// <summary>Whether the node wants to keep the connection; null until it has said.</summary>
    public bool? RemoteKeeps { get; private set; }

    /// <summary>Whether the node has said that it is one of Link.</summary>
    public bool RemoteIsLink { get; private set; }

    /// <summary>Whether its reader waits for bytes.</summary>
    public bool IsWaiting => _liveness.IsReading;

    /// <summary>Told of each keep packet, by the reader; short, and never throws.</summary>
    public Action<MeshLink>? OnKeep { get; set; }

    /// <summary>What its user has made of it. Set in <see cref="IMeshEvents.OnConnected"/>.</summary>
    public object? Owner { get; set; }

    /// <summary>It counts against the limit until it is closed and everybody has let it go.</summary>
    public Holds Holds { get; } = new();

    /// <summary>Ends when the connection has been closed.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Takes the next packet for the application that has been received already.</summary>
    /// <param name="json">Its text, UTF-8; owned by the caller. From JSON lines it has not been checked.</param>
    /// <exception cref="LinkException">The peer broke the protocol; the connection is closed.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> json)
    {
        try
        {
            while (!_hasEnded && _channel.TryRead(out var frame))
            {
                var packet = Read(frame.Span);
                if (packet.Kind == PacketKind.Application)
                {
                    json = packet.Json;
                    return true;
                }

                Take(packet);
            }
        }
        catch (LinkException)
        {
            End();
            throw;
        }

        json = default;
        return false;
    }

    /// <summary>Receives more. To be called only when <see cref="TryRead"/> found nothing.</summary>
    /// <returns>False at a clean end, and after disposal.</returns>
    /// <exception cref="LinkException">The connection broke, or a bound ran out; it is closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is lost.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken = default)
    {
        _liveness.BeginReading();
        try
        {
            if (await _channel.FillAsync(cancellationToken).ConfigureAwait(false))
            {
                return true;
            }

            End();
            return false;
        }
        catch (LinkException)
        {
            End();
            throw;
        }
        finally
        {
            _liveness.EndReading();
        }
    }

    /// <summary>Hands over one packet of the application.</summary>
    /// <param name="state">What to encode.</param>
    /// <param name="encode">Writes the packet as JSON text.</param>
    /// <param name="more">True when sending may wait for the next write or for <see cref="Flush"/>.</param>
    /// <exception cref="LinkException">Nothing was sent: too large, overloaded or closed.</exception>
    /// <exception cref="JsonException">What was encoded is not JSON; nothing was sent.</exception>
    public void Write<TState>(TState state, FrameEncoder<TState> encode, bool more = false)
    {
        WriteFrame(state, encode, more);
        _liveness.Sent();
    }

    /// <summary>Hands over one packet that has been encoded for the wire, without what delimits it.</summary>
    /// <exception cref="LinkException">Nothing was sent: too large, overloaded or closed.</exception>
    public void WriteEncoded(ReadOnlyMemory<byte> content)
    {
        _channel.Write(content, static (output, bytes) => output.Write(bytes.Span));
        _liveness.Sent();
    }

    /// <summary>Says whether this node wants to keep the connection.</summary>
    /// <param name="keeps">Whether it does.</param>
    /// <param name="countsAsSend">As in the original, what the user asks for puts the next heartbeat off, and what ends a handshake does not.</param>
    /// <exception cref="LinkException">Nothing was sent: overloaded or closed.</exception>
    public void WriteKeep(bool keeps, bool countsAsSend)
    {
        lock (_keepGate)
        {
            _keeps = keeps;
            WriteFrame((Format: _format, Keeps: keeps), static (output, keep) => output.Write(keep.Format.Keep(keep.Keeps)));
        }

        if (countsAsSend)
        {
            _liveness.Sent();
        }
    }

    /// <summary>Sends what writes with <c>more</c> left behind.</summary>
    public void Flush() => _channel.Flush();

    /// <summary>Sends a heartbeat if one is due, and ends the connection if the node is dead. Called at each beat.</summary>
    /// <param name="isLate">Whether this process did not run when it should have: what the peer sent meanwhile has not been read.</param>
    public void Beat(bool isLate)
    {
        if (_liveness.IsDead(RemoteIsLink, isLate))
        {
            Fail(new LinkException(
                LinkError.ConnectionLost, $"{Peer} has said nothing for {_options.DeadPeerTimeout.TotalSeconds:0.###} s; the connection is closed.", RequestFate.Unknown, Peer));
            return;
        }

        try
        {
            if (!_isMarked && _liveness.IsWatched)
            {
                Mark();
            }

            if (_liveness.IsHeartbeatDue)
            {
                WriteFrame(_format, static (output, format) => output.Write(format.Heartbeat));
            }
        }
        catch (LinkException)
        {
            // Closed, or the peer does not read: its end is seen elsewhere.
        }
    }

    /// <summary>Closes because of an error; the first cause given stays. What reads sees it.</summary>
    public void Fail(LinkException cause)
    {
        _channel.Fail(cause);
        Leave();
    }

    /// <summary>Closes because a packet is malformed.</summary>
    /// <returns>What to throw.</returns>
    public LinkException Malformed(string reason)
    {
        var malformed = new LinkException(
            LinkError.ProtocolViolation, $"{Peer} sent a malformed packet ({Shown.Text(reason)}); the connection is closed.", RequestFate.Unknown, Peer);
        Fail(malformed);
        return malformed;
    }

    /// <summary>Sends the backlog, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        Leave();
        await _channel.DisposeAsync().ConfigureAwait(false);
        if (!Interlocked.Exchange(ref _isClosed, true))
        {
            Holds.LetGo();
            _closed.TrySetResult();
        }

        await Closed.ConfigureAwait(false);
    }

    /// <summary>The reader has been told, or is about to be: nobody needs the connection any more.</summary>
    private void End()
    {
        _hasEnded = true;
        _ = DisposeAsync().AsTask();
    }

    private void Leave()
    {
        if (!Interlocked.Exchange(ref _hasLeft, true))
        {
            _nodes.Leave(Handshake);
        }
    }

    private void Take(in Packet packet)
    {
        if (packet.Kind == PacketKind.Keep)
        {
            RemoteKeeps = packet.Keeps;
            RemoteIsLink |= packet.IsLink;
            OnKeep?.Invoke(this);
        }
        else if (packet.Kind == PacketKind.End)
        {
            // What comes behind it means nothing; whoever fills gets the error.
            _hasEnded = true;
            Fail(new LinkException(LinkError.ConnectionLost, $"{Peer} ended the stream of packets with null.", RequestFate.Unknown, Peer));
        }
    }

    /// <summary>Tells that a node of Link is here, once the node has been told whether the connection is kept.</summary>
    private void Mark()
    {
        lock (_keepGate)
        {
            if (_keeps is { } keeps)
            {
                _isMarked = true;
                WriteFrame((Format: _format, Keeps: keeps), static (output, keep) => output.Write(keep.Format.Keep(keep.Keeps, isLink: true)));
            }
        }
    }

    private void WriteFrame<TState>(TState state, FrameEncoder<TState> encode, bool more = false) => _channel.Write(
        (Format: _format, State: state, Encode: encode), static (output, packet) => packet.Format.Encode(output, packet.State, packet.Encode), more);

    private Packet Read(ReadOnlySpan<byte> frame)
    {
        try
        {
            return _format.Read(frame);
        }
        catch (Exception exception) when (exception is JsonException or MessagePackException)
        {
            throw Malformed(exception.Message);
        }
    }
}

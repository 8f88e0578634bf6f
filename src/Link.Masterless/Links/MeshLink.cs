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
/// number of writers; disposal at any time. Dead once it has ended.
/// </summary>
internal sealed class MeshLink : IAsyncDisposable
{
    private readonly MeshOptions _options;
    private readonly PacketFormat _format;
    private readonly NodeTable _nodes;
    private readonly FrameChannel _channel;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastSend;
    private long _lastReceived;
    private int _reading;
    private int _left;
    private bool _isMarked;
    private bool? _keeps;

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
        _lastReceived = options.TimeProvider.GetTimestamp();
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

    /// <summary>Told of each keep packet, by the reader; short, and never throws.</summary>
    public Action<MeshLink>? OnKeep { get; set; }

    /// <summary>What its user has made of it. Set in <see cref="IMeshEvents.OnConnected"/>.</summary>
    public object? Owner { get; set; }

    /// <summary>Ends when its user has let it go: it counts against the limit until then, closed or not. Set in <see cref="IMeshEvents.OnConnected"/>.</summary>
    public Task LetGo { get; set; } = Task.CompletedTask;

    /// <summary>Ends when the connection has been closed.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Takes the next packet for the application that has been received already.</summary>
    /// <param name="json">Its text, UTF-8; owned by the caller. From JSON lines it has not been checked.</param>
    /// <exception cref="LinkException">The peer broke the protocol; the connection is closed.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> json)
    {
        while (_channel.TryRead(out var frame))
        {
            var packet = Read(frame.Span);
            switch (packet.Kind)
            {
                case PacketKind.Application:
                    json = packet.Json;
                    return true;
                case PacketKind.Keep:
                    RemoteKeeps = packet.Keeps;
                    RemoteIsLink |= packet.IsLink;
                    OnKeep?.Invoke(this);
                    break;
                case PacketKind.End:
                    Fail(new LinkException(LinkError.ConnectionLost, $"{Peer} ended the stream of packets with null.", RequestFate.Unknown, Peer));
                    break;
            }
        }

        json = default;
        return false;
    }

    /// <summary>Receives more. To be called only when <see cref="TryRead"/> found nothing.</summary>
    /// <returns>False at a clean end, and after disposal.</returns>
    /// <exception cref="LinkException">The connection broke, or a bound ran out; it is closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is lost.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken = default)
    {
        Volatile.Write(ref _lastReceived, _options.TimeProvider.GetTimestamp());
        Volatile.Write(ref _reading, 1);
        var hasEnded = true;
        try
        {
            hasEnded = !await _channel.FillAsync(cancellationToken).ConfigureAwait(false);
            return !hasEnded;
        }
        catch (OperationCanceledException)
        {
            hasEnded = false;
            throw;
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
            if (hasEnded)
            {
                Leave();
            }
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
        Volatile.Write(ref _lastSend, _options.TimeProvider.GetTimestamp());
    }

    /// <summary>Hands over one packet that has been encoded for the wire, without what delimits it.</summary>
    /// <exception cref="LinkException">Nothing was sent: too large, overloaded or closed.</exception>
    public void WriteEncoded(ReadOnlyMemory<byte> content)
    {
        _channel.Write(content, static (output, bytes) => output.Write(bytes.Span));
        Volatile.Write(ref _lastSend, _options.TimeProvider.GetTimestamp());
    }

    /// <summary>Says whether this node wants to keep the connection.</summary>
    /// <param name="keeps">Whether it does.</param>
    /// <param name="countsAsSend">As in the original, what the user asks for puts the next heartbeat off, and what ends a handshake does not.</param>
    /// <exception cref="LinkException">Nothing was sent: overloaded or closed.</exception>
    public void WriteKeep(bool keeps, bool countsAsSend)
    {
        _keeps = keeps;
        WriteFrame(keeps, (output, keep) => output.Write(_format.Keep(keep)));
        if (countsAsSend)
        {
            Volatile.Write(ref _lastSend, _options.TimeProvider.GetTimestamp());
        }
    }

    /// <summary>Sends what writes with <c>more</c> left behind.</summary>
    public void Flush() => _channel.Flush();

    /// <summary>Sends a heartbeat if one is due, and ends the connection if the node is dead. Called at each beat.</summary>
    /// <param name="isLate">Whether this process did not run when it should have: what the peer sent meanwhile has not been read.</param>
    public void Beat(bool isLate)
    {
        if (IsDead(isLate))
        {
            Fail(new LinkException(
                LinkError.ConnectionLost, $"{Peer} has said nothing for {_options.DeadPeerTimeout.TotalSeconds:0.###} s; the connection is closed.", RequestFate.Unknown, Peer));
            return;
        }

        try
        {
            if (!_isMarked && _keeps is { } keeps && _options.DeadPeerTimeout != Timeout.InfiniteTimeSpan)
            {
                _isMarked = true;
                WriteFrame(keeps, (output, keep) => output.Write(_format.Keep(keep, isLink: true)));
            }

            if (_lastSend == 0 || _options.TimeProvider.GetElapsedTime(Volatile.Read(ref _lastSend)) >= _options.HeartbeatInterval)
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

    /// <summary>Sends the backlog, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        Leave();
        await _channel.DisposeAsync().ConfigureAwait(false);
        _closed.TrySetResult();
    }

    private void Leave()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            _nodes.Leave(Handshake);
        }
    }

    private bool IsDead(bool isLate)
    {
        if (isLate)
        {
            Volatile.Write(ref _lastReceived, _options.TimeProvider.GetTimestamp());
        }

        return (RemoteIsLink || _options.WatchOriginals) && Volatile.Read(ref _reading) == 1 && _options.DeadPeerTimeout != Timeout.InfiniteTimeSpan &&
            _options.TimeProvider.GetElapsedTime(Volatile.Read(ref _lastReceived)) > _options.DeadPeerTimeout;
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

    /// <summary>Closes because a packet is malformed.</summary>
    /// <returns>What to throw.</returns>
    public LinkException Malformed(string reason)
    {
        var malformed = new LinkException(
            LinkError.ProtocolViolation, $"{Peer} sent a malformed packet ({Shown.Text(reason)}); the connection is closed.", RequestFate.Unknown, Peer);
        Fail(malformed);
        return malformed;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Link.Abstractions;
using Link.Abstractions.Buffers;

namespace Link.Streams.Datagrams;

/// <summary>
/// Frames to and from one UDP address: each goes in a datagram of its own, at once or not at all; a datagram received may hold several.
/// What is lost on the way is lost. A channel on which nothing is sent or received for a while ends cleanly. One reader at a time, any
/// number of writers; disposal may come at any time. Dead once closed.
/// </summary>
public sealed class DatagramChannel : IFrameChannel
{
    // How it ended, when it was no failure.
    private static readonly object Cleanly = new();

    private static readonly TimeSpan LossReportInterval = TimeSpan.FromSeconds(1);

    private readonly IDatagramPort _port;
    private readonly DatagramSettings _settings;
    private readonly DatagramInbox _inbox;
    private readonly Lock _writing = new();
    private readonly PooledBuffer _output = new();
    private DatagramInbox.Datagram _current;
    private int _offset;
    private int _unanswered;
    private int _lost;
    private long _lossReported;
    private long _heard;
    private long _active;
    private object? _outcome;
    private volatile bool _disposed;

    internal DatagramChannel(IDatagramPort port, SocketAddress? address, Peer peer, DatagramSettings settings)
    {
        _port = port;
        _settings = settings;
        _inbox = new DatagramInbox(settings.Limits.ReceiveBacklogBytes);
        _heard = _active = settings.Time.GetTimestamp();
        Address = address;
        Peer = peer;
    }

    /// <summary>Who is at the other end, by address and nothing else.</summary>
    public Peer Peer { get; }

    /// <inheritdoc/>
    public bool FramesStandAlone => true;

    /// <summary>The address datagrams go to; null where the socket is connected.</summary>
    internal SocketAddress? Address { get; }

    /// <summary>When it was last heard of.</summary>
    internal long Heard => Volatile.Read(ref _heard);

    /// <summary>When a datagram last went either way.</summary>
    internal long Active => Volatile.Read(ref _active);

    /// <summary>True while frames wait to be read, or somebody waits for an answer.</summary>
    internal bool OwesAnswers => !_inbox.IsEmpty || Volatile.Read(ref _unanswered) > 0;

    /// <inheritdoc/>
    public bool TryRead(out ReadOnlyMemory<byte> frame)
    {
        while (!_disposed)
        {
            if (TryReadCurrent(out frame))
            {
                return true;
            }

            ReleaseCurrent();
            if (!_inbox.TryTake(out _current))
            {
                return false;
            }
        }

        ReleaseCurrent();
        frame = default;
        return false;
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken = default)
    {
        if (_offset < _current.Length && !_disposed)
        {
            return true;
        }

        if (!_disposed && await _inbox.WaitAsync(cancellationToken).ConfigureAwait(false) && !_disposed)
        {
            return true;
        }

        return !_disposed && Volatile.Read(ref _outcome) is LinkException failure ? throw failure.For(failure.Fate) : false;
    }

    /// <inheritdoc/>
    public void Write<TState>(TState state, FrameEncoder<TState> encode, bool more = false)
    {
        ArgumentNullException.ThrowIfNull(encode);
        SocketError result;
        lock (_writing)
        {
            try
            {
                ThrowIfClosed();
                encode(_output, state);
                _settings.Codec.EndFrame(_output, 0);
                ThrowIfTooLarge(_output.Length);
                result = _port.Send(_output.WrittenSpan, Address);
            }
            finally
            {
                _output.Release();
            }
        }

        if (result != SocketError.Success)
        {
            throw NotSent(result);
        }

        Volatile.Write(ref _active, _settings.Time.GetTimestamp());
    }

    /// <inheritdoc/>
    public void DropRest() => _offset = _current.Length;

    /// <inheritdoc/>
    public void Asked() => Interlocked.Increment(ref _unanswered);

    /// <inheritdoc/>
    public void Answered()
    {
        int unanswered;
        do
        {
            unanswered = Volatile.Read(ref _unanswered);
        }
        while (unanswered > 0 && Interlocked.CompareExchange(ref _unanswered, unanswered - 1, unanswered) != unanswered);

        if (_port.IsDraining && !OwesAnswers)
        {
            End();
        }
    }

    /// <summary>Does nothing: every frame has gone already.</summary>
    public void Flush()
    {
    }

    /// <inheritdoc/>
    public void Fail(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        Close(cause as LinkException ?? new LinkException(
            LinkError.ConnectionLost, $"The connection to {Peer} broke: {cause.Message}", RequestFate.Unknown, Peer, cause));
    }

    /// <summary>Closes at once: what was written has been sent. May be called more than once.</summary>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        Close(Cleanly);
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends it cleanly: what was received before can still be read.</summary>
    internal void End() => Close(Cleanly);

    /// <summary>Takes a datagram from the peer.</summary>
    internal void Deliver(ReadOnlySpan<byte> datagram)
    {
        var now = _settings.Time.GetTimestamp();
        Volatile.Write(ref _heard, now);
        Volatile.Write(ref _active, now);
        if (!datagram.IsEmpty && !_inbox.TryAdd(datagram))
        {
            CountLoss(now);
        }
    }

    private bool TryReadCurrent(out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        var rest = _current.Array.AsMemory(_offset, _current.Length - _offset);
        if (rest.IsEmpty)
        {
            return false;
        }

        if (!_settings.Codec.TryFindFrame(rest.Span, 0, out var range, out var consumed))
        {
            _settings.Report(new LinkException(
                LinkError.ProtocolViolation, $"A datagram from {Peer} ends inside a frame: {rest.Length} bytes were dropped.", peer: Peer));
            return false;
        }

        _offset += consumed;
        frame = rest[range];
        return true;
    }

    private void ReleaseCurrent()
    {
        _current.Release();
        _current = default;
        _offset = 0;
    }

    private void Close(object outcome)
    {
        // The first cause stays.
        var first = Interlocked.CompareExchange(ref _outcome, outcome, null) is null;

        // In this order: what comes from now on is nobody's, and not this channel's.
        _port.Forget(this);
        _inbox.Complete();
        if (first)
        {
            ReportLoss();
        }
    }

    private void CountLoss(long now)
    {
        var isFirst = _lossReported == 0;
        Interlocked.Increment(ref _lost);
        if (isFirst || _settings.Time.GetElapsedTime(_lossReported, now) >= LossReportInterval)
        {
            _lossReported = now;
            ReportLoss();
        }
    }

    private void ReportLoss()
    {
        var lost = Interlocked.Exchange(ref _lost, 0);
        if (lost > 0)
        {
            _settings.Report(new LinkException(
                LinkError.Overloaded,
                $"{lost} datagrams from {Peer} were lost: {_settings.Limits.ReceiveBacklogBytes} bytes already waited to be read.",
                peer: Peer));
        }
    }

    private void ThrowIfClosed()
    {
        if (Volatile.Read(ref _outcome) is not null)
        {
            throw new LinkException(LinkError.ConnectionLost, $"The connection to {Peer} is closed.", peer: Peer);
        }
    }

    private void ThrowIfTooLarge(int length)
    {
        if (length > _settings.Limits.MaxDatagramBytes)
        {
            throw TooLarge($"The message to {Peer} makes a datagram of {length} bytes, the limit is {_settings.Limits.MaxDatagramBytes}.");
        }
    }

    private LinkException TooLarge(string message) => new(LinkError.TooLarge, message, peer: Peer);

    private LinkException NotSent(SocketError error)
    {
        switch (error)
        {
            case SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable:
                return new LinkException(LinkError.Overloaded, $"The network does not take what is sent to {Peer} as fast as it is written.", peer: Peer);
            case SocketError.MessageSize:
                return TooLarge($"The network takes no datagram to {Peer} as large as that.");
            default:
                Fail(new LinkException(LinkError.ConnectionLost, $"{Peer} cannot be reached any more: {error}.", RequestFate.Unknown, Peer));
                return new LinkException(LinkError.ConnectionLost, $"The message to {Peer} was not sent: {error}.", peer: Peer);
        }
    }
}

using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Link.Abstractions;

namespace Link.Streams;

/// <summary>
/// Frames over one stream of bytes, both ways, within <see cref="StreamLimits"/>. One reader at a time, any number of writers;
/// disposal may come at any time. Dead once closed.
/// </summary>
public sealed class FrameChannel : IFrameChannel
{
    private readonly Stream _stream;
    private readonly StreamLimits _limits;
    private readonly TimeProvider _time;
    private Peer _peer;
    private readonly ReceiveBuffer _received;
    private readonly FrameWriter _writer;
    private readonly Lock _gate = new();
    private ITimer? _frameDeadline;
    private ITimer? _readDeadline;
    private bool _frameDeadlineArmed;
    private LinkException? _failure;
    private LinkException? _writeFailure;
    private Task? _disposal;
    private bool _ended;

    /// <summary>Takes over a connected stream.</summary>
    /// <param name="stream">The bytes; owned by the channel from here on. Closing it must end a read or write under way.</param>
    /// <param name="codec">Where frames begin and end.</param>
    /// <param name="limits">The bounds; validated by the caller.</param>
    /// <param name="peer">Who is at the other end, for error texts.</param>
    /// <param name="time">The clock of the bounds.</param>
    /// <param name="maxWriteBytes">The most that one write of the stream is given, which the write time is for. Default 1 MiB.</param>
    public FrameChannel(Stream stream, IFrameCodec codec, StreamLimits limits, Peer peer, TimeProvider time, int maxWriteBytes = 1024 * 1024)
    {
        _stream = stream;
        _limits = limits;
        _time = time;
        _peer = peer;
        _received = new ReceiveBuffer(codec, limits, peer);
        _writer = new FrameWriter(stream, codec, limits, time, peer, maxWriteBytes, FailWriting);
    }

    /// <inheritdoc/>
    public bool FramesStandAlone => false;

    /// <summary>
    /// The longest frame that is read from here on, in bytes: a handshake may need less than what follows. Default and at most that of the limits. For the reader alone.
    /// </summary>
    public int MaxReadBytes
    {
        get => _received.MaxFrameBytes;
        set => _received.MaxFrameBytes = Math.Min(value, _limits.MaxFrameBytes);
    }

    /// <summary>Who is at the other end, for error texts. Whoever learns more of it during a handshake says so here.</summary>
    public Peer Peer
    {
        get => _peer;
        set
        {
            _peer = value;
            _received.Peer = value;
            _writer.Peer = value;
        }
    }

    /// <inheritdoc/>
    public bool TryRead(out ReadOnlyMemory<byte> frame)
    {
        try
        {
            var found = _received.TryRead(out frame);
            if (found && _frameDeadlineArmed)
            {
                DisarmFrameDeadline();
            }

            return found;
        }
        catch (LinkException exception)
        {
            Fail(exception);
            throw;
        }
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken = default)
    {
        if (_ended)
        {
            return End();
        }

        if (_received.HasPartialFrame && !_frameDeadlineArmed)
        {
            ArmFrameDeadline();
        }

        try
        {
            if (_received.ShouldWaitEmpty)
            {
                _received.Release();
                await _stream.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            }

            var count = await _stream.ReadAsync(_received.GetRoom(), cancellationToken).ConfigureAwait(false);
            if (count > 0)
            {
                _received.Advance(count);
                return true;
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Fail(exception as LinkException ?? Volatile.Read(ref _writeFailure) ?? exception);
            return End();
        }

        if (_received.TryComplete())
        {
            _ended = true;
            return true;
        }

        if (_received.HasPartialFrame)
        {
            Fail(Volatile.Read(ref _writeFailure) ?? new LinkException(
                LinkError.ProtocolViolation, $"{_peer} ended the connection inside a frame.", RequestFate.Unknown, _peer));
        }

        return End();
    }

    /// <inheritdoc/>
    public void Write<TState>(TState state, FrameEncoder<TState> encode, bool more = false) => _writer.Write(state, encode, more);

    /// <inheritdoc/>
    public void Flush() => _writer.Flush();

    /// <inheritdoc/>
    public void Fail(Exception cause)
    {
        Record(cause);
        _stream.Dispose();
    }

    /// <summary>Sends the backlog within the write time, then closes. May be called more than once.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposal ??= DisposeCoreAsync();
            return new ValueTask(_disposal);
        }
    }

    private void Record(Exception cause)
    {
        LinkException? failure;
        lock (_gate)
        {
            if (_disposal is null)
            {
                _failure ??= Explain(cause);
            }

            failure = _failure;
        }

        _writer.Abort(failure);
    }

    private LinkException Explain(Exception cause) => cause as LinkException ??
        new LinkException(LinkError.ConnectionLost, $"The connection to {_peer} broke: {cause.Message}", RequestFate.Unknown, _peer, cause);

    /// <summary>
    /// A peer that takes nothing any more may have sent a lot before it left: what has arrived is read first, and the end of it closes the channel; cleanly, if that is
    /// how the peer has ended.
    /// </summary>
    private void FailWriting(Exception cause)
    {
        if (cause.GetBaseException() is not SocketException)
        {
            Fail(cause);
            return;
        }

        var failure = Explain(cause);
        Interlocked.CompareExchange(ref _writeFailure, failure, null);
        _writer.Abort(failure);
        lock (_gate)
        {
            _readDeadline ??= _time.CreateTimer(
                static stream => ((Stream)stream!).Dispose(), _stream, _limits.LingerTime, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task DisposeCoreAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await _writer.CloseAsync().WaitAsync(_limits.LingerTime, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The peer does not read: what is left cannot be delivered.
        }

        await _stream.DisposeAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _frameDeadline?.Dispose();
            _readDeadline?.Dispose();
        }
    }

    private bool End()
    {
        _ended = true;
        _received.Release();
        lock (_gate)
        {
            _frameDeadline?.Dispose();
            _readDeadline?.Dispose();
            return _failure is { } failure && _disposal is null ? throw failure.For(failure.Fate) : false;
        }
    }

    private void ArmFrameDeadline()
    {
        _frameDeadlineArmed = true;
        lock (_gate)
        {
            _frameDeadline ??= _time.CreateTimer(static channel => ((FrameChannel)channel!).OnFrameDeadline(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _frameDeadline.Change(_limits.UnfinishedFrameTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    private void DisarmFrameDeadline()
    {
        _frameDeadlineArmed = false;
        lock (_gate)
        {
            _frameDeadline?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnFrameDeadline() => Fail(new LinkException(
        LinkError.Timeout,
        $"{_peer} has not finished a frame within {_limits.UnfinishedFrameTimeout.TotalSeconds:0.###} s; the connection is closed.",
        RequestFate.Unknown,
        _peer));
}

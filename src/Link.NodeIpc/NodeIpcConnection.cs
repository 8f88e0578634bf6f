using System.Runtime.CompilerServices;
using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.NodeIpc.Frames;
using Link.Streams;

namespace Link.NodeIpc;

/// <summary>An ipc-link connection: requests flow from the dialler to the acceptor, replies back (SPEC.md, "Frames").</summary>
internal sealed class NodeIpcConnection : IConnection
{
    // Beyond this the message cannot fit, whatever it holds: refuse it before it is copied.
    private const int EnvelopeBytes = 32;

    private const int RoundsPerTurn = 4;

    // So many frames passed over, and others have their turn. A stream holds few at a time; what datagrams wait has no such bound.
    private const int PassedOverPerTurn = 64;

    private static readonly FrameEncoder<(IpcLinkEncoder Encoder, Envelope Envelope)> Encode =
        static (output, state) => state.Encoder.Encode(output, state.Envelope);

    private readonly IFrameChannel _channel;
    private readonly int _maxFrameBytes;
    private readonly IpcLinkEncoder _encoder = new();
    private readonly IpcLinkDecoder _decoder;
    private readonly Action<NodeIpcConnection> _onReleased;
    private readonly Action<LinkException> _report;
    private LinkException? _broken;
    private int _disposed;

    // The place in the transport's table is held until the connection has ended and has been yielded, whichever comes last.
    private int _holds = 2;

    public NodeIpcConnection(PeerChannel established, Action<LinkException> report, Action<NodeIpcConnection> onReleased)
    {
        (_channel, Peer, _maxFrameBytes) = established;
        _report = report;
        _onReleased = onReleased;
        _decoder = new IpcLinkDecoder(Peer.IsDialled);
    }

    /// <inheritdoc/>
    public Peer Peer { get; }

    /// <inheritdoc/>
    public EnvelopeFlow Flow => Peer.IsDialled ? EnvelopeFlow.Replies : EnvelopeFlow.Requests;

    /// <inheritdoc/>
    public ValueTask<Envelope?> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Envelope?>(cancellationToken);
        }

        return TryRead(out var envelope) ? new ValueTask<Envelope?>(envelope) : ReadMoreAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public bool TryRead(out Envelope envelope)
    {
        try
        {
            var left = _channel.FramesStandAlone ? PassedOverPerTurn : int.MaxValue;
            while (left-- > 0 && _broken is null && Volatile.Read(ref _disposed) == 0 && _channel.TryRead(out var frame))
            {
                if (TryDecode(frame.Span, out envelope))
                {
                    if (envelope.Kind == EnvelopeKind.Request)
                    {
                        _channel.Asked();
                    }

                    return true;
                }
            }
        }
        catch (LinkException exception)
        {
            _broken = exception;
        }

        envelope = default;
        return false;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Envelope envelope, bool more = false, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            ThrowIfNotCarried(envelope);
            _channel.Write((_encoder, envelope), Encode, more);
            if (envelope.Kind == EnvelopeKind.Reply)
            {
                _channel.Answered();
            }

            return ValueTask.CompletedTask;
        }
        catch (Exception exception) when (exception is LinkException or ArgumentException)
        {
            return ValueTask.FromException(exception);
        }
    }

    /// <inheritdoc/>
    public void Flush() => _channel.Flush();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var first = Interlocked.Exchange(ref _disposed, 1) == 0;
        await _channel.DisposeAsync().ConfigureAwait(false);
        if (first)
        {
            Release();
        }
    }

    /// <summary>A request that was read will have no reply.</summary>
    public void Forgo() => _channel.Answered();

    /// <summary>Called once, when nobody else will be given this connection.</summary>
    public void OnYielded() => Release();

    private void Release()
    {
        if (Interlocked.Decrement(ref _holds) == 0)
        {
            _onReleased(this);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Envelope?> ReadMoreAsync(CancellationToken cancellationToken)
    {
        LinkException? failure = null;
        try
        {
            for (var rounds = 1; _broken is null && await _channel.FillAsync(cancellationToken).ConfigureAwait(false); rounds++)
            {
                if (TryRead(out var envelope))
                {
                    return envelope;
                }

                if (rounds % RoundsPerTurn == 0)
                {
                    // A peer that floods with what is passed over must not keep the thread from everybody else.
                    await Task.Yield();
                }
            }
        }
        catch (LinkException exception)
        {
            failure = exception;
        }

        return await EndAsync(_broken ?? failure).ConfigureAwait(false);
    }

    /// <summary>Whoever has read to the end need not dispose: nothing of the connection is left.</summary>
    private async ValueTask<Envelope?> EndAsync(LinkException? failure)
    {
        await DisposeAsync().ConfigureAwait(false);
        return failure is null ? null : throw failure;
    }

    private bool TryDecode(ReadOnlySpan<byte> frame, out Envelope envelope)
    {
        try
        {
            var result = _decoder.Decode(frame, out envelope, out var problem);
            if (result == DecodeResult.Dropped)
            {
                ReportDropped(problem);
            }

            return result == DecodeResult.Envelope;
        }
        catch (JsonException exception) when (_channel.FramesStandAlone)
        {
            ReportDropped(exception.Message);
            envelope = default;
            return false;
        }
        catch (JsonException exception)
        {
            var malformed = new LinkException(
                LinkError.ProtocolViolation,
                $"{Peer} sent a malformed frame ({exception.Message}); the connection is closed.",
                RequestFate.Unknown,
                Peer,
                exception);
            _channel.Fail(malformed);
            throw malformed;
        }
    }

    private void ReportDropped(string problem)
    {
        _channel.DropRest();
        _report(new LinkException(LinkError.ProtocolViolation, $"A frame from {Peer} was dropped: {problem}.", peer: Peer));
    }

    private void ThrowIfNotCarried(in Envelope envelope)
    {
        if (envelope.Kind != (Peer.IsDialled ? EnvelopeKind.Request : EnvelopeKind.Reply))
        {
            throw new ArgumentException(
                $"An ipc-link connection carries requests from the dialler and replies from the acceptor, no {envelope.Kind} here.", nameof(envelope));
        }

        if (envelope.Payload.Utf8.Length > _maxFrameBytes - EnvelopeBytes)
        {
            throw new LinkException(
                LinkError.TooLarge,
                $"The message to {Peer} holds {envelope.Payload.Utf8.Length} bytes, the frame limit is {_maxFrameBytes}.",
                peer: Peer);
        }
    }
}

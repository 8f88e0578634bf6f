using System.Runtime.CompilerServices;
using System.Text.Json;
using Link.Abstractions;
using Link.Masterless.Packets;
using Link.Streams;

namespace Link.Masterless;

/// <summary>The connection with one node, as a <see cref="MeshTransport"/> gives it: requests and replies, both ways (SPEC.md, "masterless: a Server over the mesh").</summary>
internal sealed class MeshConnection : IConnection
{
    private const int RoundsPerTurn = 4;

    private static readonly FrameEncoder<Envelope> Encode = EnvelopeMapping.Write;

    private readonly MeshLink _link;
    private readonly PacketFormat _format;
    private readonly EnvelopeMapping _mapping;
    private readonly Action<LinkException> _report;
    private readonly Task _watch;
    private ReadOnlyMemory<byte> _first;
    private LinkException? _broken;
    private int _disposed;

    /// <param name="link">What carries the packets; owned, and read from here on.</param>
    /// <param name="format">How packets look.</param>
    /// <param name="report">Told of what is dropped.</param>
    public MeshConnection(MeshLink link, PacketFormat format, Action<LinkException> report)
    {
        _format = format;
        _link = link;
        _report = report;
        _mapping = new EnvelopeMapping(link.Peer.Name);
        _link.Holds.Add();
        _watch = WatchAsync();
    }

    /// <inheritdoc/>
    public Peer Peer => _link.Peer;

    /// <inheritdoc/>
    public EnvelopeFlow Flow => EnvelopeFlow.Both;

    /// <summary>Whether it is over, as far as this side knows.</summary>
    public bool HasEnded => Volatile.Read(ref _disposed) == 1;

    /// <summary>Called once, when nobody else will be given this connection: until then it counts against the limit, closed or not.</summary>
    public void OnYielded() => _link.Holds.LetGo();

    /// <inheritdoc/>
    public bool TryRead(out Envelope envelope)
    {
        try
        {
            while (_watch.IsCompleted && _broken is null && !HasEnded && TryTake(out var packet))
            {
                if (TryDecode(packet, out envelope))
                {
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
    public ValueTask<Envelope?> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Envelope?>(cancellationToken);
        }

        return TryRead(out var envelope) ? new ValueTask<Envelope?>(envelope) : ReadMoreAsync(cancellationToken);
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
            _link.Write(envelope, Encode, more);
            return ValueTask.CompletedTask;
        }
        catch (JsonException exception)
        {
            return ValueTask.FromException(new LinkException(
                LinkError.InvalidData, $"The message to {Peer} is not JSON: {exception.Message}", peer: Peer, innerException: exception));
        }
        catch (Exception exception) when (exception is LinkException or ArgumentException)
        {
            return ValueTask.FromException(exception);
        }
    }

    /// <inheritdoc/>
    public void Flush() => _link.Flush();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Volatile.Write(ref _disposed, 1);
        return _link.DisposeAsync();
    }

    /// <summary>
    /// Reads until the first packet has come, before anybody asks: a connection that ends without a word must be known to have ended, or the peer's next one would be refused.
    /// </summary>
    private async Task WatchAsync()
    {
        try
        {
            do
            {
                if (_link.TryRead(out _first))
                {
                    return;
                }
            }
            while (await _link.FillAsync().ConfigureAwait(false));
        }
        catch (LinkException exception)
        {
            _broken = exception;
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    private bool TryTake(out ReadOnlyMemory<byte> packet)
    {
        packet = _first;
        _first = default;
        return !packet.IsEmpty || _link.TryRead(out packet);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Envelope?> ReadMoreAsync(CancellationToken cancellationToken)
    {
        LinkException? failure = null;
        try
        {
            await _watch.WaitAsync(cancellationToken).ConfigureAwait(false);
            var rounds = 0;
            do
            {
                if (TryRead(out var envelope))
                {
                    return envelope;
                }

                if (++rounds % RoundsPerTurn == 0)
                {
                    // A peer that floods with what is passed over must not keep the thread from everybody else.
                    await Task.Yield();
                }
            }
            while (_broken is null && await _link.FillAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (LinkException exception)
        {
            failure = exception;
        }

        // Whoever has read to the end need not dispose: nothing of the connection is left.
        failure = _broken ?? failure;
        await DisposeAsync().ConfigureAwait(false);
        return failure is null ? null : throw failure;
    }

    private bool TryDecode(ReadOnlyMemory<byte> packet, out Envelope envelope)
    {
        try
        {
            if (_mapping.TryRead(packet, out envelope))
            {
                return true;
            }
        }
        catch (JsonException exception)
        {
            throw _link.Malformed(exception.Message);
        }

        _report(new LinkException(LinkError.ProtocolViolation, $"A packet from {Peer} was dropped: it is no object.", peer: Peer));
        return false;
    }

    private void ThrowIfNotCarried(in Envelope envelope)
    {
        if (envelope.Kind == EnvelopeKind.Event || (envelope.Kind == EnvelopeKind.Reply && envelope.Payload.IsEmpty))
        {
            throw new ArgumentException($"A mesh carries requests, and replies that are objects; no {envelope.Kind} like this.", nameof(envelope));
        }

        if (envelope.Kind == EnvelopeKind.Reply && _format.IsReserved(envelope.Payload.Utf8.Span))
        {
            throw new LinkException(
                LinkError.InvalidData, $"The reply to {Peer} has the member $masterless, which belongs to the protocol in MessagePack: it would not be taken for a reply.", peer: Peer);
        }
    }
}

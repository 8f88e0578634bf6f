using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Streams;

namespace Link.NodeIpc.Events;

/// <summary>
/// What goes out on one connection: it waits, in order and bounded, until the connection is made and, with sync, until something came back
/// for the message before. Safe for concurrent use.
/// </summary>
internal sealed class Outbox(bool sync, IpcOptions options, string name)
{
    private static readonly FrameEncoder<ReadOnlyMemory<byte>> Copy = static (output, content) => output.Write(content.Span);

    private readonly LinkedList<Waiting> _waiting = new();
    private readonly Lock _gate = new();
    private IFrameChannel? _channel;
    private LinkException? _cause;
    private long _waitingBytes;
    private bool _awaitsAnswer;
    private bool _closed;

    /// <summary>Hands over one frame; the task ends when it has been accepted for sending.</summary>
    /// <exception cref="LinkException">It was not sent.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiting waiting;
        lock (_gate)
        {
            if (_closed)
            {
                throw Lost();
            }

            if (_channel is not null && !_awaitsAnswer)
            {
                Write(_channel, content);
                return;
            }

            waiting = Enqueue(content);
        }

        await WaitAsync(waiting, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The connection is made: what waits goes out.</summary>
    public void Open(IFrameChannel channel)
    {
        lock (_gate)
        {
            _channel = channel;
            WriteWaiting();
        }
    }

    /// <summary>Something came back: with sync, the next message may go out.</summary>
    public void OnReceived()
    {
        if (sync)
        {
            lock (_gate)
            {
                _awaitsAnswer = false;
                WriteWaiting();
            }
        }
    }

    /// <summary>The connection is lost, or was never made: what waits fails.</summary>
    public void Close(LinkException? cause)
    {
        Waiting[] lost;
        lock (_gate)
        {
            _closed = true;
            _cause ??= cause;
            lost = [.. _waiting];
            _waiting.Clear();
            _waitingBytes = 0;
        }

        foreach (var waiting in lost)
        {
            waiting.Sent.TrySetException(Lost());
        }
    }

    private LinkException Lost() => new(
        LinkError.ConnectionLost, $"{name} is not connected; nothing was sent.", innerException: _cause);

    private void Write(IFrameChannel channel, ReadOnlyMemory<byte> content)
    {
        channel.Write(content, Copy);
        _awaitsAnswer = sync;
    }

    private void WriteWaiting()
    {
        while (_channel is { } channel && !_awaitsAnswer && _waiting.First is { Value: var next })
        {
            Remove(next);
            try
            {
                Write(channel, next.Content);
                next.Sent.TrySetResult();
            }
            catch (LinkException exception)
            {
                next.Sent.TrySetException(exception);
            }
        }
    }

    private Waiting Enqueue(ReadOnlyMemory<byte> content)
    {
        if (_waiting.Count >= options.MaxQueuedEmits || _waitingBytes + content.Length > options.Limits.OutboundBacklogBytes)
        {
            throw new LinkException(LinkError.Overloaded, $"{_waiting.Count} messages to {name} already wait to be sent.");
        }

        var waiting = new Waiting(content.ToArray());
        waiting.Place = _waiting.AddLast(waiting);
        _waitingBytes += content.Length;
        return waiting;
    }

    private void Remove(Waiting waiting)
    {
        _waiting.Remove(waiting.Place!);
        _waitingBytes -= waiting.Content.Length;
    }

    private async Task WaitAsync(Waiting waiting, CancellationToken cancellationToken)
    {
        try
        {
            await waiting.Sent.Task.WaitAsync(options.SyncTimeout, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException && TryWithdraw(waiting))
        {
            throw exception is OperationCanceledException ? exception : new LinkException(
                LinkError.Timeout, $"A message to {name} was not sent: it had to wait for {options.SyncTimeout.TotalSeconds:0.###} s.");
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // It has just been sent, or has just failed.
            await waiting.Sent.Task.ConfigureAwait(false);
        }
    }

    private bool TryWithdraw(Waiting waiting)
    {
        lock (_gate)
        {
            var waits = waiting.Place!.List is not null;
            if (waits)
            {
                Remove(waiting);
            }

            return waits;
        }
    }

    private sealed class Waiting(byte[] content)
    {
        public byte[] Content => content;

        public TaskCompletionSource Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LinkedListNode<Waiting>? Place { get; set; }
    }
}

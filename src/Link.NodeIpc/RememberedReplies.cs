using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Link.Abstractions;

namespace Link.NodeIpc;

/// <summary>
/// The requests of one connection by id, with the reply of each that has been answered, within a number of bytes: beyond, the oldest reply is
/// forgotten, and where there is none the oldest request. Safe for concurrent use.
/// </summary>
internal sealed class RememberedReplies : IDisposable
{
    // What an entry costs besides its bytes.
    private const int Overhead = 192;

    // Nobody sends a request again for so long: whose handler has given no reply until then may ask anew.
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(5);

    private readonly ResendOptions _options;
    private readonly TimeProvider _time;
    private readonly IConnection _connection;
    private readonly Dictionary<RequestId, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _running = [];
    private readonly LinkedList<Entry> _answered = [];
    private readonly Action _forgo;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private long _bytes;
    private bool _disposed;

    /// <param name="options">How much is remembered for how long; validated by the caller.</param>
    /// <param name="time">The clock.</param>
    /// <param name="connection">Where a remembered reply is written again.</param>
    /// <param name="forgo">Told of each request that is passed over and gets no reply.</param>
    public RememberedReplies(ResendOptions options, TimeProvider time, IConnection connection, Action forgo)
    {
        _forgo = forgo;
        _options = options;
        _time = time;
        _connection = connection;
        _timer = time.CreateTimer(
            static replies => ((RememberedReplies)replies!).ForgetOld(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the envelope has not come before. One that has been answered is answered again.</summary>
    public bool IsNew(in Envelope request)
    {
        if (request.Kind != EnvelopeKind.Request || request.Id.IsMissing)
        {
            return true;
        }

        lock (_gate)
        {
            if (_disposed)
            {
                return true;
            }

            ForgetStuck();
            if (_entries.TryGetValue(request.Id.Canonical(), out var node))
            {
                if (!TryAnswerAgain(node.ValueRef))
                {
                    _forgo();
                }

                return false;
            }

            // The request's memory is its reader's: this must not keep it.
            var id = RequestId.FromJson(request.Id.Json.ToArray()).Canonical();
            _entries.Add(id, _running.AddLast(new Entry { Id = id, Since = _time.GetTimestamp() }));
            _bytes += id.Json.Length + Overhead;
            ForgetSurplus();
            return true;
        }
    }

    /// <summary>Keeps a reply for a request that came here; false when there is none, or no room even alone.</summary>
    public bool TryKeep(in Envelope reply)
    {
        if (reply.Kind != EnvelopeKind.Reply || reply.Id.IsMissing)
        {
            return false;
        }

        lock (_gate)
        {
            var length = reply.Payload.Utf8.Length;
            var fits = length + reply.Id.Json.Length + Overhead <= _options.MaxRememberedBytes;
            if (_disposed || !fits || !_entries.TryGetValue(reply.Id.Canonical(), out var node))
            {
                return false;
            }

            Release(ref node.ValueRef);
            node.ValueRef.Reply = ArrayPool<byte>.Shared.Rent(length);
            node.ValueRef.Length = length;
            node.ValueRef.Success = reply.Success;
            node.ValueRef.Since = _time.GetTimestamp();
            reply.Payload.Utf8.CopyTo(node.ValueRef.Reply);
            _bytes += length;
            node.List!.Remove(node);
            _answered.AddLast(node);
            ForgetSurplus();
            if (_answered.Count == 1)
            {
                _timer.Change(_options.RememberFor, Timeout.InfiniteTimeSpan);
            }

            return true;
        }
    }

    /// <summary>Takes back a reply that could not be written: the request is one without reply again.</summary>
    public void Retract(RequestId id)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(id.Canonical(), out var node))
            {
                Release(ref node.ValueRef);
                node.List!.Remove(node);
                _running.AddLast(node);
            }
        }
    }

    /// <summary>Forgets everything, for good.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            while (TryOldest(out var node))
            {
                Forget(node);
            }

            _timer.Dispose();
        }
    }

    private bool TryAnswerAgain(in Entry entry)
    {
        if (entry.Reply is null)
        {
            return false;
        }

        var write = _connection.WriteAsync(new Envelope
        {
            Kind = EnvelopeKind.Reply,
            Id = entry.Id,
            Success = entry.Success,
            Payload = new Payload(entry.Reply.AsMemory(0, entry.Length)),
        });
        if (!write.IsCompleted || write.IsCompletedSuccessfully)
        {
            return true;
        }

        // Lost, like one that the network loses; it may be asked for again.
        _ = write.AsTask().Exception;
        return false;
    }

    private void ForgetStuck()
    {
        while (_running.First is { } node && _time.GetElapsedTime(node.ValueRef.Since) > LongestRun)
        {
            Forget(node);
        }
    }

    private void ForgetOld()
    {
        lock (_gate)
        {
            while (_answered.First is { } node)
            {
                var left = _options.RememberFor - _time.GetElapsedTime(node.ValueRef.Since);
                if (left > TimeSpan.Zero)
                {
                    _timer.Change(left, Timeout.InfiniteTimeSpan);
                    return;
                }

                Forget(node);
            }
        }
    }

    private void ForgetSurplus()
    {
        while (_bytes > _options.MaxRememberedBytes && TryOldest(out var node))
        {
            Forget(node);
        }
    }

    private bool TryOldest([MaybeNullWhen(false)] out LinkedListNode<Entry> node)
    {
        node = _answered.First ?? _running.First;
        return node is not null;
    }

    private void Forget(LinkedListNode<Entry> node)
    {
        Release(ref node.ValueRef);
        _bytes -= node.ValueRef.Id.Json.Length + Overhead;
        _entries.Remove(node.ValueRef.Id);
        node.List!.Remove(node);
    }

    private void Release(ref Entry entry)
    {
        if (entry.Reply is { } reply)
        {
            entry.Reply = null;
            _bytes -= entry.Length;
            ArrayPool<byte>.Shared.Return(reply);
        }
    }

    /// <summary>A request that came, and its reply once there is one.</summary>
    private struct Entry
    {
        public required RequestId Id { get; init; }

        public byte[]? Reply { get; set; }

        public int Length { get; set; }

        public bool Success { get; set; }

        /// <summary>When it came, or was answered.</summary>
        public long Since { get; set; }
    }
}

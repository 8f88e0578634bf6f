using System.Buffers;
using System.Runtime.InteropServices;
using Link.Abstractions;

namespace Link.NodeIpc;

/// <summary>
/// Copies of the requests of one connection to which no reply has come, each written again when its time has come, at most so many times.
/// One timer for all of them, which is off while there are none. Safe for concurrent use.
/// </summary>
internal sealed class UnansweredRequests : IDisposable
{
    // What an entry costs besides its bytes.
    private const int Overhead = 128;

    // So many at once, then writers and readers have their turn.
    private const int Batch = 64;

    private readonly ResendOptions _options;
    private readonly TimeProvider _time;
    private readonly IConnection _connection;
    private readonly Dictionary<RequestId, Entry> _entries = [];
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private long _bytes;
    private long _armedAt;
    private TimeSpan _armedFor = Timeout.InfiniteTimeSpan;
    private bool _disposed;

    /// <param name="options">How often and how much; validated by the caller.</param>
    /// <param name="time">The clock.</param>
    /// <param name="connection">Where they are written again.</param>
    public UnansweredRequests(ResendOptions options, TimeProvider time, IConnection connection)
    {
        _options = options;
        _time = time;
        _connection = connection;
        _timer = time.CreateTimer(
            static requests => ((UnansweredRequests)requests!).Resend(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keeps a copy; false when it is nothing that a reply is joined to, or the connection has ended.</summary>
    /// <exception cref="LinkException">No room is left (<see cref="LinkError.Overloaded"/>).</exception>
    public bool TryAdd(in Envelope request)
    {
        if (request.Kind != EnvelopeKind.Request || request.Id.IsMissing)
        {
            return false;
        }

        lock (_gate)
        {
            var cost = request.Id.Json.Length + request.Payload.Utf8.Length + Overhead;
            if (_disposed || _entries.ContainsKey(request.Id.Canonical()))
            {
                return false;
            }

            if (_bytes + cost > _options.MaxUnansweredBytes)
            {
                throw new LinkException(
                    LinkError.Overloaded,
                    $"{_connection.Peer} has not answered {_entries.Count} requests: no more are kept for sending again.",
                    peer: _connection.Peer);
            }

            var entry = Entry.Copy(request, cost, _time.GetTimestamp());
            _entries.Add(entry.Request.Id.Canonical(), entry);
            _bytes += cost;
            ArmWithin(_options.Interval, entry.Written);
            return true;
        }
    }

    /// <summary>Forgets the request that has been answered.</summary>
    public void Remove(RequestId id)
    {
        if (id.IsMissing)
        {
            return;
        }

        lock (_gate)
        {
            Drop(id.Canonical());
        }
    }

    /// <summary>Forgets everything, for good.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var entry in _entries.Values)
            {
                entry.Release();
            }

            _entries.Clear();
            _timer.Dispose();
        }
    }

    private void Drop(RequestId id)
    {
        if (_entries.Remove(id, out var entry))
        {
            _bytes -= entry.Cost;
            entry.Release();
        }
    }

    private void Resend()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            var now = _time.GetTimestamp();
            List<RequestId>? spent = null;
            var next = TimeSpan.MaxValue;
            var written = 0;
            foreach (var id in _entries.Keys)
            {
                ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, id);
                var left = Pause(entry.Times) - _time.GetElapsedTime(entry.Written, now);
                if (left <= TimeSpan.Zero && written < Batch)
                {
                    written++;
                    WriteAgain(ref entry, now);
                    left = Pause(entry.Times);
                }

                if (entry.Times >= _options.Count)
                {
                    (spent ??= []).Add(id);
                }
                else if (left < next)
                {
                    next = left < TimeSpan.Zero ? TimeSpan.Zero : left;
                }
            }

            spent?.ForEach(Drop);
            _armedFor = Timeout.InfiniteTimeSpan;
            if (_entries.Count > 0)
            {
                ArmWithin(next, now);
            }
        }
    }

    /// <summary>Sees to it that the timer fires in this time at the latest.</summary>
    private void ArmWithin(TimeSpan pause, long now)
    {
        if (_armedFor == Timeout.InfiniteTimeSpan || _armedFor - _time.GetElapsedTime(_armedAt, now) > pause)
        {
            (_armedFor, _armedAt) = (pause, now);
            _timer.Change(pause, Timeout.InfiniteTimeSpan);
        }
    }

    private void WriteAgain(ref Entry entry, long now)
    {
        entry.Times++;
        entry.Written = now;
        var write = _connection.WriteAsync(entry.Request);
        if (write.IsCompleted && !write.IsCompletedSuccessfully)
        {
            // Lost, like one that the network loses; a connection that has ended says so to its reader.
            _ = write.AsTask().Exception;
        }
    }

    /// <summary>The time after a request has been written so many times again.</summary>
    private TimeSpan Pause(int times) => _options.Interval * Math.Pow(2, times);

    /// <summary>A request, in memory of its own.</summary>
    private struct Entry
    {
        private byte[] _memory;

        public Envelope Request { get; private set; }

        public int Cost { get; private init; }

        public int Times { get; set; }

        public long Written { get; set; }

        public static Entry Copy(in Envelope request, int cost, long now)
        {
            var (id, payload) = (request.Id.Json, request.Payload.Utf8);
            var memory = ArrayPool<byte>.Shared.Rent(payload.Length);
            payload.CopyTo(memory);
            return new Entry
            {
                _memory = memory,
                Cost = cost,
                Written = now,
                Request = request with
                {
                    // Not of the pool: whoever looks for an entry may still hold it.
                    Id = RequestId.FromJson(id.ToArray()),
                    Payload = new Payload(memory.AsMemory(0, payload.Length)),
                },
            };
        }

        public readonly void Release() => ArrayPool<byte>.Shared.Return(_memory);
    }
}

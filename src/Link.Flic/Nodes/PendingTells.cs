using System.Globalization;
using Link.Abstractions;

namespace Link.Flic;

/// <summary>
/// The answers of one connection that are waited for, within a bound and a time that is the same for all: so one timer is enough, for the oldest.
/// Safe for concurrent use.
/// </summary>
/// <param name="max">How many.</param>
/// <param name="timeout">How long each.</param>
/// <param name="time">The clock.</param>
internal sealed class PendingTells(int max, TimeSpan timeout, TimeProvider time)
{
    private readonly Dictionary<Guid, PendingTell> _tells = [];
    private readonly LinkedList<PendingTell> _byAge = new();
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private bool _armed;
    private LinkException? _end;

    /// <summary>Begins to wait.</summary>
    /// <exception cref="LinkException">Too many wait already, or the connection has ended.</exception>
    public PendingTell Add(Guid id, TellTarget target, CancellationToken cancellationToken)
    {
        var tell = new PendingTell(id, target, time.GetTimestamp());
        lock (_gate)
        {
            if (_end is not null)
            {
                throw _end.For(RequestFate.NotSent);
            }

            if (_tells.Count >= max)
            {
                throw new LinkException(LinkError.Overloaded, $"{target} was not told: {_tells.Count} answers are waited for already.");
            }

            _tells.Add(id, tell);
            tell.Place = _byAge.AddLast(tell);
            Arm();
        }

        if (cancellationToken.CanBeCanceled)
        {
            tell.Registration = cancellationToken.UnsafeRegister(static (state, token) => Cancel(state!, token), (this, tell));
            if (tell.Task.IsCompleted)
            {
                tell.Registration.Unregister();
            }
        }

        return tell;
    }

    /// <summary>The one with this id, which is no longer waited for from here on; null when there is none.</summary>
    public PendingTell? Take(Guid id)
    {
        lock (_gate)
        {
            if (!_tells.Remove(id, out var tell))
            {
                return null;
            }

            _byAge.Remove(tell.Place!);
            tell.Registration.Unregister();
            return tell;
        }
    }

    /// <summary>Fails all of them, and those to come.</summary>
    public void End(LinkException cause)
    {
        PendingTell[] left;
        lock (_gate)
        {
            if (_end is not null)
            {
                return;
            }

            _end = cause;
            left = [.. _byAge];
            _tells.Clear();
            _byAge.Clear();
            _timer?.Dispose();
        }

        foreach (var tell in left)
        {
            tell.Registration.Unregister();
            tell.TrySetException(cause.For(tell.Fate));
        }
    }

    private static void Cancel(object state, CancellationToken token)
    {
        var (tells, tell) = ((PendingTells, PendingTell))state;
        if (tells.Take(tell.Id) is not null)
        {
            var inner = new LinkException(LinkError.Cancelled, $"The caller no longer waits for {tell.Target}.", tell.Fate);
            tell.TrySetException(new OperationCanceledException(inner.Message, inner, token));
        }
    }

    private void Arm()
    {
        if (_armed || timeout == Timeout.InfiniteTimeSpan || _end is not null || _byAge.First is not { } oldest)
        {
            return;
        }

        var left = timeout - time.GetElapsedTime(oldest.Value.Begun);
        _timer ??= time.CreateTimer(static tells => ((PendingTells)tells!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _armed = _timer.Change(left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private void Expire()
    {
        List<PendingTell> late = [];
        lock (_gate)
        {
            _armed = false;
            while (_byAge.First is { } oldest && time.GetElapsedTime(oldest.Value.Begun) >= timeout)
            {
                _byAge.RemoveFirst();
                _tells.Remove(oldest.Value.Id);
                late.Add(oldest.Value);
            }

            Arm();
        }

        foreach (var tell in late)
        {
            tell.Registration.Unregister();
            tell.TrySetException(new LinkException(
                LinkError.Timeout,
                string.Create(CultureInfo.InvariantCulture, $"{tell.Target} was not answered within {timeout.TotalSeconds:0.###} s."),
                tell.Fate));
        }
    }
}

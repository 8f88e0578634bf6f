using System.Threading.Channels;

namespace Link.Dispatching;

/// <summary>
/// Calls the handlers of a server's events one after the other, on no thread that anything waits for. Bounded: when handlers are
/// slower than events come, further events are lost and counted.
/// </summary>
internal sealed class EventPump
{
    private const int Capacity = 4096;

    private readonly Channel<Action> _calls = Channel.CreateBounded<Action>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Action<Exception> _onFailure;
    private readonly Task _pumping;
    private long _lost;

    /// <param name="onFailure">Told of what event handlers throw; does not throw itself.</param>
    public EventPump(Action<Exception> onFailure)
    {
        _onFailure = onFailure;
        _pumping = Task.Run(PumpAsync);
    }

    public long Lost => Interlocked.Read(ref _lost);

    public void Post(Action call)
    {
        if (!_calls.Writer.TryWrite(call))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Takes no more events; waits for those it has, for a while.</summary>
    public async Task CompleteAsync(TimeSpan timeout, TimeProvider time)
    {
        _calls.Writer.TryComplete();
        try
        {
            await _pumping.WaitAsync(timeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A handler of the user's does not return; it is not ours to end.
        }
    }

    private async Task PumpAsync()
    {
        await foreach (var call in _calls.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                call();
            }
            catch (Exception exception)
            {
                _onFailure(exception);
            }
        }
    }
}

using Link.Abstractions;

namespace Link.Streams.Endpoints;

/// <summary>
/// Accepts connections on a listener until it is disposed. Handshakes run side by side, and those that have not ended count against the limit
/// like connections. What fails is reported, and concerns nobody else.
/// </summary>
public sealed class StreamAcceptor : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    private readonly IStreamListener _listener;
    private readonly ConnectionLimit _limit;
    private readonly Action<PeerStream> _established;
    private readonly Action<LinkException> _report;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _handshakesEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;

    // One more than there are, until accepting has ended.
    private int _handshakes = 1;

    /// <summary>Begins to accept.</summary>
    /// <param name="listener">Where; owned.</param>
    /// <param name="limit">Taken once for each connection that <paramref name="established"/> gets, which gives it back.</param>
    /// <param name="established">Takes over a connection; short, never throws, may be called by several threads at once.</param>
    /// <param name="report">Told of what failed; as short.</param>
    /// <param name="time">The clock of the pause after a failure.</param>
    public StreamAcceptor(
        IStreamListener listener, ConnectionLimit limit, Action<PeerStream> established, Action<LinkException> report, TimeProvider time)
    {
        _listener = listener;
        _limit = limit;
        _established = established;
        _report = report;
        _time = time;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens, with the port that the operating system chose.</summary>
    public Endpoint Endpoint => _listener.Endpoint;

    /// <summary>Stops listening and ends the handshakes under way; established connections go on. May be called once.</summary>
    public async ValueTask DisposeAsync()
    {
        // Told first: accepting then takes the end of its listener for no failure.
        var stopping = _stopping.CancelAsync();
        _listener.Dispose();
        await stopping.ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        EndHandshake();
        try
        {
            await _handshakesEnded.Task.WaitAsync(LongestEnd, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A check of the program's own does not return: what comes of it is closed.
            return;
        }

        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Take(await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false));
                continue;
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Out of descriptors or memory: what is open goes on, and room may come back.
                _report(exception as LinkException ?? new LinkException(
                    LinkError.Overloaded, $"Accepting on {Endpoint} failed: {exception.Message}", innerException: exception));
            }

            await PauseAsync().ConfigureAwait(false);
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(Pause, _time, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees by itself that it is to end.
        }
    }

    private void Take(Stream accepted)
    {
        if (!_limit.TryTake())
        {
            accepted.Dispose();
            _report(new LinkException(
                LinkError.Overloaded, $"A connection to {Endpoint} was closed at once: {_limit.Max} are already open."));
            return;
        }

        Interlocked.Increment(ref _handshakes);
        _ = EstablishAsync(accepted);
    }

    private async Task EstablishAsync(Stream accepted)
    {
        try
        {
            var stream = await _listener.EstablishAsync(accepted, _stopping.Token).ConfigureAwait(false);
            if (_stopping.IsCancellationRequested)
            {
                stream.Stream.Dispose();
                _limit.Release();
                return;
            }

            _established(stream);
        }
        catch (Exception exception)
        {
            _limit.Release();
            if (!_stopping.IsCancellationRequested)
            {
                _report(exception as LinkException ?? new LinkException(
                    LinkError.ConnectionLost, $"A connection to {Endpoint} failed: {exception.Message}", innerException: exception));
            }
        }
        finally
        {
            EndHandshake();
        }
    }

    private void EndHandshake()
    {
        if (Interlocked.Decrement(ref _handshakes) == 0)
        {
            _handshakesEnded.TrySetResult();
        }
    }
}

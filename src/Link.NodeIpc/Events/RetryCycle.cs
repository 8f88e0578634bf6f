using Link.Abstractions;
using Link.NodeIpc.Frames;
using Link.Streams.Endpoints;

namespace Link.NodeIpc.Events;

/// <summary>What a <see cref="RetryCycle"/> tells its client, in order; the tasks end when there is room for more.</summary>
internal interface IRetryListener
{
    Task OnConnectedAsync(IpcSocket socket);

    Task OnFailedAsync(LinkException error, IpcSocket socket);

    Task OnDisconnectedAsync(IpcSocket socket);

    Task OnDestroyedAsync();

    /// <summary>Reads the connection to its end; gives the reason, or null.</summary>
    Task<LinkException?> ReadAsync(IpcSocket socket, PeerChannel established);
}

/// <summary>The life of a client from its first attempt to connect until it is destroyed. Safe for concurrent use.</summary>
internal sealed class RetryCycle
{
    private readonly Endpoint _endpoint;
    private readonly string _id;
    private readonly IpcContext _context;
    private readonly IRetryListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _connected = NewSource();
    private LinkException? _lastError;
    private IpcSocket? _socket;

    public RetryCycle(string id, Endpoint endpoint, IpcContext context, IRetryListener listener)
    {
        _id = id;
        _endpoint = endpoint;
        _context = context;
        _listener = listener;

        // From here on messages wait for the connection.
        _socket = MakeSocket();
        Ended = Task.Run(RunAsync);
    }

    /// <summary>Whether the client is destroyed, so that only a new cycle can connect it.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Ends with the cycle; never fails.</summary>
    public Task Ended { get; }

    /// <summary>The connection, or the attempt under way; null between attempts.</summary>
    public IpcSocket? Socket
    {
        get
        {
            lock (_gate)
            {
                return _socket;
            }
        }
    }

    /// <summary>Ends when it is connected.</summary>
    /// <exception cref="LinkException">It is destroyed, or it took too long and goes on; nothing was sent.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it goes on.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        Task connected;
        lock (_gate)
        {
            connected = _connected.Task;
        }

        var wait = _context.Options.ConnectWait;
        try
        {
            await connected.WaitAsync(wait, _context.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new LinkException(
                LinkError.Timeout,
                $"{_id} ({_endpoint}) was not connected within {wait.TotalSeconds:0.###} s; it is tried further.",
                innerException: _lastError);
        }
    }

    /// <summary>Ends the connection or the attempt, and tries no more.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (Socket is { } socket)
        {
            await socket.CloseAsync().ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IpcSocket MakeSocket() => new(_context, _id, _context.Options.Sync);

    private async Task RunAsync()
    {
        var left = Retries();
        while (true)
        {
            var socket = Socket!;
            if (await TryDialAsync(socket).ConfigureAwait(false) is { } established)
            {
                left = Retries();
                await UseAsync(socket, established).ConfigureAwait(false);
            }

            await LoseAsync(socket).ConfigureAwait(false);
            if (left == 0 || !await PauseAsync().ConfigureAwait(false))
            {
                break;
            }

            left--;
            Begin();
        }

        await DestroyAsync().ConfigureAwait(false);
    }

    private int? Retries() => _context.Options.StopRetrying ? 0 : _context.Options.MaxRetries;

    private async Task<PeerChannel?> TryDialAsync(IpcSocket socket)
    {
        try
        {
            // Reports are of UDP alone, which no client dials.
            var established = await _context.Network.DialAsync(_endpoint, _id, static _ => { }, _stopping.Token).ConfigureAwait(false);
            if (socket.TryOpen(established))
            {
                return established;
            }

            // Closed meanwhile, by whoever had it from a message that waits.
            await established.Channel.DisposeAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Not a failure: it was asked for.
        }
        catch (Exception exception)
        {
            await FailAsync(
                exception as LinkException ?? new LinkException(LinkError.NoSuchPeer, $"{_endpoint} cannot be dialled: {exception.Message}", innerException: exception),
                socket).ConfigureAwait(false);
        }

        return null;
    }

    private async Task UseAsync(IpcSocket socket, PeerChannel established)
    {
        _lastError = null;
        lock (_gate)
        {
            _connected.TrySetResult();
        }

        await _listener.OnConnectedAsync(socket).ConfigureAwait(false);
        if (await _listener.ReadAsync(socket, established).ConfigureAwait(false) is { } error)
        {
            await FailAsync(error, socket).ConfigureAwait(false);
        }
    }

    private Task FailAsync(LinkException error, IpcSocket socket)
    {
        _lastError = error;
        socket.End(error);
        return _listener.OnFailedAsync(error, socket);
    }

    private Task LoseAsync(IpcSocket socket)
    {
        socket.End(_lastError);
        lock (_gate)
        {
            _socket = null;
            if (_connected.Task.IsCompleted)
            {
                _connected = NewSource();
            }
        }

        return _listener.OnDisconnectedAsync(socket);
    }

    private async Task<bool> PauseAsync()
    {
        try
        {
            await Task.Delay(_context.Options.Retry, _context.Options.TimeProvider, _stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Begin()
    {
        lock (_gate)
        {
            _socket = MakeSocket();
        }
    }

    private Task DestroyAsync()
    {
        lock (_gate)
        {
            IsOver = true;
            _connected.TrySetException(
                _lastError ?? new LinkException(LinkError.ConnectionLost, $"{_id} ({_endpoint}) was disconnected, and is not tried again."));

            // Seen by nobody, unless somebody waits.
            _ = _connected.Task.Exception;
        }

        return _listener.OnDestroyedAsync();
    }
}

using System.Net.Sockets;
using System.Threading.Channels;
using Link.Abstractions;
using Link.Streams;
using Link.Streams.Sockets;

namespace Link.NodeIpc;

/// <summary>
/// ipc-link over Unix sockets, as npm's node-ipc 9.1.4 speaks it (SPEC.md, "Frames", "Socket files", "Identity").
/// A name is the socket <c>SocketRoot + AppSpace + name</c>. Both sides check by the kernel that the other belongs to a trusted user.
/// Safe for concurrent use as <see cref="ITransport"/> says.
/// </summary>
public sealed class NodeIpcTransport : ITransport
{
    private const byte FormFeed = 0x0c;
    private const int ListenBacklog = 511;
    private const int FaultsKept = 256;

    private static readonly DelimiterCodec Codec = new(FormFeed);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly NodeIpcOptions _options;

    // Bounded by MaxConnections: each entry holds one of the two counts below.
    private readonly Channel<NodeIpcConnection> _established = Channel.CreateUnbounded<NodeIpcConnection>();
    private readonly Channel<LinkException> _faults = Channel.CreateBounded<LinkException>(FaultsKept);
    private readonly CancellationTokenSource _disposal = new();
    private readonly Lock _gate = new();

    // One of each for all connections.
    private readonly Action<LinkException> _report;
    private readonly Action<NodeIpcConnection> _forget;
    private SocketFile? _file;
    private CancellationTokenSource _unbinding = new();
    private Task _accepting = Task.CompletedTask;
    private Task? _disposing;
    private int _accepted;
    private int _dialled;
    private long _lostFaults;
    private bool _disposed;

    /// <summary>Makes a transport that is neither bound nor connected.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public NodeIpcTransport(NodeIpcOptions? options = null)
    {
        _options = options ?? new NodeIpcOptions();
        _options.Validate();
        _report = Report;
        _forget = Forget;
    }

    /// <inheritdoc/>
    public ChannelReader<LinkException> Faults => _faults.Reader;

    /// <inheritdoc/>
    public long LostFaults => Interlocked.Read(ref _lostFaults);

    /// <inheritdoc/>
    public async ValueTask BindAsync(string name, CancellationToken cancellationToken = default)
    {
        var path = SocketPath.Make(_options.SocketRoot, _options.AppSpace, name);
        ThrowIfDisposed();
        if (_file is not null)
        {
            throw new InvalidOperationException($"The transport is already bound to {_file.Path}.");
        }

        var file = await SocketFile.ClaimAsync(
            path, _options.Unlink, ListenBacklog, _options.ConnectTimeout, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (!_disposed)
            {
                _file = file;
                _unbinding = new CancellationTokenSource();
                _accepting = Task.Run(() => AcceptLoopAsync(file, _unbinding.Token), CancellationToken.None);
                return;
            }
        }

        file.Dispose();
        ThrowIfDisposed();
    }

    /// <inheritdoc/>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        SocketFile? file;
        lock (_gate)
        {
            file = _file;
            _file = null;
        }

        file?.Dispose();
        await _unbinding.CancelAsync().ConfigureAwait(false);
        await _accepting.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IConnection> ConnectAsync(string peer, CancellationToken cancellationToken = default)
    {
        var path = SocketPath.Make(_options.SocketRoot, _options.AppSpace, peer);
        ThrowIfDisposed();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        Socket socket;
        try
        {
            socket = await UnixDialer.ConnectAsync(path, _options.TimeProvider, _options.ConnectTimeout, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Disposed();
        }

        return Establish(socket, path, peer) is { } connection
            ? connection
            : throw new LinkException(
                LinkError.Overloaded, $"{peer} was not dialled to the end: {_options.MaxConnections} connections are already open.");
    }

    /// <inheritdoc/>
    public async ValueTask<IConnection?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _established.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_established.Reader.TryRead(out var connection))
            {
                connection.OnYielded();
                return connection;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            return new ValueTask(_disposing ??= Task.Run(DisposeCoreAsync));
        }
    }

    private async Task DisposeCoreAsync()
    {
        await _disposal.CancelAsync().ConfigureAwait(false);
        await UnbindAsync(CancellationToken.None).ConfigureAwait(false);
        _established.Writer.TryComplete();
        while (_established.Reader.TryRead(out var connection))
        {
            connection.OnYielded();
            await connection.DisposeAsync().ConfigureAwait(false);
        }

        _faults.Writer.TryComplete();
    }

    private async Task AcceptLoopAsync(SocketFile file, CancellationToken unbinding)
    {
        while (true)
        {
            try
            {
                var socket = await file.Listener.AcceptAsync(unbinding).ConfigureAwait(false);
                Accept(socket, file.Path);
                continue;
            }
            catch (Exception) when (IsUnbound(file))
            {
                return;
            }
            catch (Exception exception)
            {
                // Out of descriptors or memory: what is open goes on, and room may come back.
                Report(new LinkException(
                    LinkError.Overloaded, $"Accepting on {file.Path} failed: {exception.Message}", innerException: exception));
            }

            await PauseAsync(unbinding).ConfigureAwait(false);
        }
    }

    private async Task PauseAsync(CancellationToken unbinding)
    {
        try
        {
            await Task.Delay(AcceptPause, _options.TimeProvider, unbinding).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees by itself that its listener is gone.
        }
    }

    private void Accept(Socket socket, string path)
    {
        try
        {
            if (Establish(socket, path, dialledName: null) is null)
            {
                Report(new LinkException(
                    LinkError.Overloaded, $"A connection to {path} was closed at once: {_options.MaxConnections} are already open."));
            }
        }
        catch (LinkException exception)
        {
            Report(exception);
        }
    }

    /// <summary>Makes a connection of a socket, or disposes the socket: null when there are too many.</summary>
    private NodeIpcConnection? Establish(Socket socket, string path, string? dialledName)
    {
        try
        {
            var peer = PeerIdentity.Check(socket, path, dialledName, _options.TrustedUserIds);
            ref var count = ref dialledName is null ? ref _accepted : ref _dialled;
            if (Interlocked.Increment(ref count) > _options.MaxConnections)
            {
                Interlocked.Decrement(ref count);
                socket.Dispose();
                return null;
            }

            var stream = _options.LowLatency ? new SpinningSocketStream(socket) : (Stream)new NetworkStream(socket, ownsSocket: true);
            var channel = new FrameChannel(stream, Codec, _options.Limits, peer, _options.TimeProvider);
            var connection = new NodeIpcConnection(channel, peer, _options.Limits, _report, _forget);
            if (!_established.Writer.TryWrite(connection))
            {
                Interlocked.Decrement(ref count);
                throw Disposed();
            }

            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Forget(NodeIpcConnection connection)
    {
        if (connection.Peer.IsDialled)
        {
            Interlocked.Decrement(ref _dialled);
        }
        else
        {
            Interlocked.Decrement(ref _accepted);
        }
    }

    private void Report(LinkException fault)
    {
        if (!_faults.Writer.TryWrite(fault))
        {
            Interlocked.Increment(ref _lostFaults);
        }
    }

    private bool IsUnbound(SocketFile file)
    {
        lock (_gate)
        {
            return _file != file;
        }
    }

    private void ThrowIfDisposed()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                throw Disposed();
            }
        }
    }

    private static LinkException Disposed() => new(LinkError.Disposed, "The transport has been disposed.");
}

using System.Net.Sockets;

namespace Link.Streams.Sockets;

/// <summary>
/// The bytes of a connected stream socket. A TCP socket that is closed with something unread is reset, and a reset destroys what
/// is still on its way to the peer. So a polite close first says that nothing more will come, and waits until the peer's side has
/// acknowledged that: everything before it has arrived then, whatever happens to the connection.
/// </summary>
internal sealed class SocketStream : NetworkStream
{
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    private readonly SpinningReader? _spinning;
    private readonly TimeProvider _time;
    private Task? _closing;

    /// <summary>Takes over a connected socket.</summary>
    /// <param name="socket">The socket; owned by the stream from here on.</param>
    /// <param name="spins">Whether reads spin briefly before they wait.</param>
    /// <param name="time">The clock of the polite close.</param>
    public SocketStream(Socket socket, bool spins, TimeProvider time)
        : base(socket, ownsSocket: true)
    {
        _spinning = spins ? new SpinningReader(socket) : null;
        _time = time;
    }

    /// <summary>The socket; it belongs to the stream.</summary>
    public new Socket Socket => base.Socket;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _spinning is null || buffer.IsEmpty || cancellationToken.IsCancellationRequested || !_spinning.TryRead(buffer.Span, out var count)
            ? base.ReadAsync(buffer, cancellationToken)
            : new ValueTask<int>(count);

    /// <summary>Closes politely where that matters, within a second. <see cref="Stream.Dispose()"/> closes at once.</summary>
    public override ValueTask DisposeAsync() => new(_closing ??= CloseAsync());

    private async Task CloseAsync()
    {
        if (base.Socket.ProtocolType == ProtocolType.Tcp)
        {
            var start = _time.GetTimestamp();
            try
            {
                base.Socket.Shutdown(SocketShutdown.Send);
                while (TcpState.HasUnacknowledgedEnd(base.Socket) && _time.GetElapsedTime(start) < LingerTime)
                {
                    await Task.Delay(Look, _time).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Broken, or closed by somebody else: there is nobody left to be polite to.
            }
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }
}

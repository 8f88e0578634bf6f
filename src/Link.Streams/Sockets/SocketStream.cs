using System.Net.Sockets;

namespace Link.Streams.Sockets;

/// <summary>
/// The bytes of a connected stream socket. Closing a TCP socket politely takes a moment: a peer that goes on writing to a socket
/// that is gone is answered with a reset, which may destroy what it has not read yet. So the sending half is closed first, and what
/// still comes is read and dropped until the peer closes too.
/// </summary>
public sealed class SocketStream : NetworkStream
{
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);
    private const int DropBytes = 64 * 1024;

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
            using var deadline = new CancellationTokenSource(LingerTime, _time);
            try
            {
                base.Socket.Shutdown(SocketShutdown.Send);
                var dropped = new byte[DropBytes];
                while (await base.Socket.ReceiveAsync(dropped, deadline.Token).ConfigureAwait(false) > 0)
                {
                }
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Broken, taking too long, or closed by somebody else: there is nobody left to be polite to.
            }
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }
}

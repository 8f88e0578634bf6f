using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Link.Abstractions;

namespace Link.Streams.Datagrams;

/// <summary>The socket of one dialled channel, which lives as long as the channel. The kernel keeps strangers out.</summary>
internal sealed class DialledSocket : IDatagramPort
{
    private const int RoundsPerTurn = 64;

    private readonly Socket _socket;
    private readonly DatagramSettings _settings;
    private readonly ITimer _idle;
    private volatile bool _closed;

    /// <param name="socket">Connected; owned.</param>
    /// <param name="peer">Whom it leads to.</param>
    /// <param name="settings">Bounds and clock.</param>
    public DialledSocket(Socket socket, Peer peer, DatagramSettings settings)
    {
        _socket = socket;
        _settings = settings;
        Channel = new DatagramChannel(this, address: null, peer, settings);
        _idle = settings.Time.CreateTimer(
            static dialled => ((DialledSocket)dialled!).EndIfIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _idle.Change(settings.Limits.IdleTimeout, Timeout.InfiniteTimeSpan);
        ThreadPool.UnsafeQueueUserWorkItem(static dialled => _ = dialled.ReceiveAsync(), this, preferLocal: false);
    }

    public DatagramChannel Channel { get; }

    /// <inheritdoc/>
    public bool IsDraining => false;

    /// <inheritdoc/>
    public SocketError Send(ReadOnlySpan<byte> datagram, SocketAddress? to)
    {
        var result = DatagramSocket.Send(_socket, datagram, to);
        if (result == SocketError.ConnectionRefused)
        {
            TakeRest();
        }

        return result;
    }

    public void Forget(DatagramChannel channel)
    {
        _closed = true;
        _idle.Dispose();
        _socket.Dispose();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (!_closed)
            {
                // An idle channel holds no buffer: this waits for something to receive, and takes nothing.
                await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, CancellationToken.None).ConfigureAwait(false);
                await ReceiveAllAsync().ConfigureAwait(false);
            }
        }
        catch (Exception) when (_closed)
        {
            // The channel has ended, and knows why.
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            TakeRest();
            Channel.Fail(Lost("nobody listens there", exception));
        }
        catch (Exception exception)
        {
            Channel.Fail(Lost(exception.Message, exception));
        }
    }

    private async Task ReceiveAllAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(DatagramSocket.BufferBytes);
        try
        {
            var round = 0;
            do
            {
                var length = await _socket.ReceiveAsync(buffer, SocketFlags.None, CancellationToken.None).ConfigureAwait(false);
                Channel.Deliver(buffer.AsSpan(0, length));
                if (++round % RoundsPerTurn == 0)
                {
                    await default(PoolTurn);
                }
            }
            while (_socket.Available > 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The kernel tells of a refusal before it gives what had come earlier: that is to be read all the same.</summary>
    private void TakeRest()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(DatagramSocket.BufferBytes);
        try
        {
            for (var round = 0; round < RoundsPerTurn && _socket.Available > 0; round++)
            {
                Channel.Deliver(buffer.AsSpan(0, _socket.Receive(buffer, SocketFlags.None)));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // That was all.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void EndIfIdle()
    {
        var left = _settings.Limits.IdleTimeout - _settings.Time.GetElapsedTime(Channel.Active);
        if (left <= TimeSpan.Zero)
        {
            Channel.End();
        }
        else
        {
            _idle.Change(left, Timeout.InfiniteTimeSpan);
        }
    }

    private LinkException Lost(string cause, Exception exception) => new(
        LinkError.ConnectionLost, $"The connection to {Channel.Peer} is lost: {cause}.", RequestFate.Unknown, Channel.Peer, exception);
}

using System.Net;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Endpoints;

namespace Link.Streams.Datagrams;

/// <summary>Takes a datagram as soon as it has come; must not wait.</summary>
/// <param name="from">Whom it came from; valid during the call.</param>
/// <param name="datagram">The bytes; valid during the call.</param>
internal delegate void DatagramTaker(SocketAddress from, ReadOnlySpan<byte> datagram);

/// <summary>Receives on a bound socket until it is disposed. What one peer causes, such as a refusal, ends it for nobody.</summary>
internal sealed class DatagramReceiver(Socket socket, Endpoint endpoint, DatagramSettings settings, DatagramTaker take) : IDisposable
{
    private const int RoundsPerTurn = 64;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _closing = new();

    /// <summary>Receives; the task ends after disposal.</summary>
    public async Task RunAsync()
    {
        var buffer = new byte[DatagramSocket.BufferBytes];
        var from = new SocketAddress(socket.AddressFamily);
        for (var round = 1; !_closing.IsCancellationRequested; round++)
        {
            try
            {
                var length = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from, CancellationToken.None).ConfigureAwait(false);
                take(from, buffer.AsSpan(0, length));
                if (round % RoundsPerTurn == 0)
                {
                    await default(PoolTurn);
                }
            }
            catch (Exception) when (_closing.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode
                is SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.NetworkReset or SocketError.MessageSize)
            {
                // Of one peer, now gone: it concerns nobody else.
            }
            catch (Exception exception)
            {
                settings.Report(new LinkException(
                    LinkError.Overloaded, $"Receiving on {endpoint} failed: {exception.Message}", innerException: exception));
                await PauseAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Closes the socket, and with it frees the port.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        socket.Dispose();
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(Pause, settings.Time, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees by itself that it is to end.
        }
    }
}

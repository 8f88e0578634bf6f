using System.Net;
using System.Net.Sockets;
using System.Text;
using Link.Testing;

namespace Link.Tests.NodeIpc;

/// <summary>Stands between a dialler and a listener, keeps every byte that passes, and may cut the line after some.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly MemoryStream _seen = new();
    private readonly int _target;
    private readonly int _cutAfter;
    private readonly Task _running;

    /// <param name="endpoint">Where the listener is.</param>
    /// <param name="cutAfter">After how many bytes, of both sides together, the line is cut.</param>
    public Relay(string endpoint, int cutAfter = int.MaxValue)
    {
        var uri = new Uri(endpoint);
        _target = uri.Port;
        _cutAfter = cutAfter;
        _listener.Start();
        Endpoint = $"{uri.Scheme}://{_listener.LocalEndpoint}";
        _running = RunAsync();
    }

    public string Endpoint { get; }

    /// <summary>Everything that passed, as one character for each byte.</summary>
    public string Seen
    {
        get
        {
            lock (_seen)
            {
                return Encoding.Latin1.GetString(_seen.ToArray());
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await Within.Deadline(_running);
        _seen.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                using var dialler = await _listener.AcceptTcpClientAsync();
                using var listener = new TcpClient();
                await listener.ConnectAsync(IPAddress.Loopback, _target);
                await Task.WhenAll(CopyAsync(dialler, listener), CopyAsync(listener, dialler));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try
        {
            var chunk = new byte[16 * 1024];
            while (await from.GetStream().ReadAsync(chunk) is var count and > 0)
            {
                var passing = Keep(chunk.AsSpan(0, count));
                await to.GetStream().WriteAsync(chunk.AsMemory(0, passing));
                if (passing < count)
                {
                    from.Close();
                    to.Close();
                    return;
                }
            }

            // None any more, when the other direction has closed both meanwhile.
            to.Client?.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side has gone: so must the other.
            to.Close();
        }
    }

    private int Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_seen)
        {
            var passing = (int)Math.Min(bytes.Length, _cutAfter - _seen.Length);
            _seen.Write(bytes[..passing]);
            return passing;
        }
    }
}

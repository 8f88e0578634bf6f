using System.Net.Sockets;

namespace Link.Benchmarks.Peers;

/// <summary>Many connections to the quiet server that speak no more than they are told to. Closed on disposal.</summary>
internal sealed class RawConnections : IDisposable
{
    private const byte FrameEnd = 0x0c;

    private readonly List<Socket> _sockets = [];

    public async Task OpenAsync(string directory, int count, CancellationToken cancellationToken)
    {
        var endPoint = new UnixDomainSocketEndPoint($"{directory}app.{PeerNames.Quiet}");
        for (var index = 0; index < count; index++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _sockets.Add(socket);
            await socket.ConnectAsync(endPoint, cancellationToken);
        }
    }

    /// <summary>Begins a frame on every connection and does not end it.</summary>
    public async Task BeginFramesAsync(CancellationToken cancellationToken)
    {
        var beginning = """{"type":"message","data":"{\"id\":1,"""u8.ToArray();
        foreach (var socket in _sockets)
        {
            await socket.SendAsync(beginning, cancellationToken);
        }
    }

    /// <summary>Sends one request on every connection and waits for its reply.</summary>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        byte[] request = [.. """{"type":"message","data":"{\"id\":\"1\",\"sentBy\":\"raw\",\"data\":{\"content\":\"x\"}}"}"""u8, FrameEnd];
        var reply = new byte[1024];
        foreach (var socket in _sockets)
        {
            await socket.SendAsync(request, cancellationToken);
            var received = 0;
            while (received == 0 || reply[received - 1] != FrameEnd)
            {
                var count = await socket.ReceiveAsync(reply.AsMemory(received), cancellationToken);
                received += count > 0 ? count : throw new InvalidOperationException("The server closed a connection.");
            }
        }
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
}

using System.Net.Sockets;

namespace Link.Benchmarks.Floor;

/// <summary>
/// The other side of the bare sockets: sends back what it receives, without protocol. There is one listener per
/// <see cref="FloorMode"/>; those for messages send back whole messages only, as an answer to a request must.
/// </summary>
internal sealed class FloorServer : IDisposable
{
    private const int AnySize = 64 * 1024;

    private readonly List<Socket> _listeners = [];

    public void Start(string directory)
    {
        foreach (var mode in Enum.GetValues<FloorMode>())
        {
            var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _listeners.Add(listener);
            listener.Bind(FloorSocket.EndPoint(directory, mode));
            listener.Listen();
            _ = Task.Run(() => AcceptAsync(listener, mode));
        }
    }

    public void Dispose() => _listeners.ForEach(listener => listener.Dispose());

    private static async Task AcceptAsync(Socket listener, FloorMode mode)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync();
            }
            catch (SocketException)
            {
                // Disposed.
                return;
            }

            _ = mode switch
            {
                FloorMode.Blocking => Task.Factory.StartNew(() => EchoBlocking(socket), TaskCreationOptions.LongRunning),
                FloorMode.Asynchronous => Task.Run(() => EchoAsync(socket)),
                FloorMode.Medium => Task.Run(() => EchoMessagesAsync(socket, Payloads.MediumBytes)),
                _ => Task.Run(() => EchoMessagesAsync(socket, Payloads.LargeBytes)),
            };
        }
    }

    private static void EchoBlocking(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[AnySize];
            for (int count; (count = socket.Receive(buffer)) > 0;)
            {
                socket.Send(buffer, count, SocketFlags.None);
            }
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[AnySize];
            for (int count; (count = await socket.ReceiveAsync(buffer)) > 0;)
            {
                await socket.SendAsync(buffer.AsMemory(0, count));
            }
        }
    }

    private static async Task EchoMessagesAsync(Socket socket, int size)
    {
        using (socket)
        {
            var buffer = new byte[size];
            while (await FloorSocket.TryReceiveAllAsync(socket, buffer))
            {
                await FloorSocket.SendAllAsync(socket, buffer);
            }
        }
    }
}

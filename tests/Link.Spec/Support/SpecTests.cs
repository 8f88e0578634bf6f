using System.Net.Sockets;
using Link.InMemory;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Spec.Support;

/// <summary>
/// What the tests share: a socket directory and an in-memory network of their own, and the end of everything they started.
/// </summary>
public abstract class SpecTests : IAsyncLifetime
{
    private readonly InMemoryNetwork _network = new();
    private readonly Stack<object> _owned = new();

    private readonly SocketDirectory _directory = new();

    /// <summary>Where this test's socket files are.</summary>
    protected string SocketRoot => _directory.Path;

    /// <summary>Options of a server on Unix sockets.</summary>
    protected ServerOptions Wire => new() { SocketRoot = SocketRoot, AllowMultiple = true };

    /// <summary>Options of a server on this test's in-memory network.</summary>
    protected ServerOptions Memory => new() { Transport = new InMemoryTransport(_network), AllowMultiple = true };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        while (_owned.TryPop(out var owned))
        {
            if (owned is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync().AsTask().Soon();
            }
            else
            {
                ((IDisposable)owned).Dispose();
            }
        }

        _directory.Dispose();
    }

    protected string PathOf(string name) => $"{SocketRoot}app.{name}";

    protected T Own<T>(T disposable)
        where T : class
    {
        _owned.Push(disposable);
        return disposable;
    }

    /// <summary>A server that has not started.</summary>
    protected Server Make(string name, ServerOptions options) => Own(new Server(name, options));

    /// <summary>A started server.</summary>
    protected async Task<Server> StartAsync(string name, ServerOptions options, Func<Message, Task>? handler = null)
    {
        var server = Make(name, options);
        if (handler is not null)
        {
            server.OnMessage(handler);
        }

        await server.StartAsync().Soon();
        return server;
    }

    private protected RawListener Listen(string name) => Own(new RawListener(PathOf(name)));

    private protected async Task<RawPeer> DialAsync(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(PathOf(name))).Soon();
        return Own(RawPeer.Over(socket));
    }

    /// <summary>A sender that never started, a hand-made peer it has sent one request to, and that request.</summary>
    private protected async Task<(Server Sender, RawPeer Peer, JObject Request, Task<Reply> Sent)> AskAsync(
        object data, SendOptions? options = null, TimeProvider? clock = null)
    {
        var listener = Listen("test-two");
        var sender = Make("test-one", Wire with { TimeProvider = clock ?? TimeProvider.System });
        var sent = options is null ? sender.SendAsync("test-two", data) : sender.SendAsync("test-two", data, options);
        var peer = await listener.AcceptAsync();
        return (sender, peer, await peer.ReceiveAsync(), sent);
    }
}

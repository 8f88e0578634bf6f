using System.Net.Sockets;
using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.Testing;
using Link.Tests.Faults;

namespace Link.Tests.NodeIpc.Events;

/// <summary>How a client connects, connects again, and ends.</summary>
public sealed class ClientLifeTests : IpcTest
{
    private readonly Seen _seen = new();

    [Theory]
    [InlineData(2, false, 3)]
    [InlineData(0, false, 1)]
    [InlineData(null, true, 1)]
    [InlineData(5, true, 1)]
    public async Task A_client_that_reaches_nobody_is_destroyed_after_its_tries(int? maxRetries, bool stopRetrying, int attempts)
    {
        var ipc = Make("hello", options => options with { MaxRetries = maxRetries, StopRetrying = stopRetrying });
        Watch(ipc.Of("world"));

        var error = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(ipc.ConnectToAsync("world")));

        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (error.Error, error.Fate));
        string[] expected = [.. Enumerable.Repeat((string[])["error NoSuchPeer", "disconnected"], attempts).SelectMany(pair => pair), "destroyed"];
        Assert.Equal(expected, await _seen.NextAsync(expected.Length));
    }

    [Fact]
    public async Task A_destroyed_client_can_be_connected_anew_with_its_handlers()
    {
        var ipc = Make("hello", options => options with { MaxRetries = 0 });
        Watch(ipc.Of("world"));
        await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(ipc.ConnectToAsync("world")));
        Assert.Equal(["error NoSuchPeer", "disconnected", "destroyed"], await _seen.NextAsync(3));

        await Within.Deadline(Make("world").ServeAsync());
        await Within.Deadline(ipc.ConnectToAsync("world"));

        Assert.Equal("connected", await _seen.NextAsync());
    }

    [Fact]
    public async Task A_success_resets_the_count_of_tries()
    {
        var time = new FakeTimeProvider();
        var ipc = Make("hello", options => options with { MaxRetries = 1, TimeProvider = time });
        Watch(ipc.Of("world"));
        using var listener = new RawListener(Directory.File("app.world"));
        await Within.Deadline(ipc.ConnectToAsync("world"));
        for (var loss = 0; loss < 3; loss++)
        {
            (await listener.AcceptAsync()).Dispose();
            Assert.Equal(["connected", "disconnected"], await _seen.NextAsync(2));
            await AdvanceAsync(time, ipc);
        }

        using var last = await listener.AcceptAsync();
        Assert.Equal("connected", await _seen.NextAsync());
    }

    [Fact]
    public async Task A_client_connects_again_when_the_server_is_back()
    {
        var first = Make("world");
        await Within.Deadline(first.ServeAsync());
        var ipc = Make("hello");
        Watch(ipc.Of("world"), errors: false);
        var client = await Within.Deadline(ipc.ConnectToAsync("world"));
        Assert.Equal("connected", await _seen.NextAsync());

        await Within.Deadline(first.DisposeAsync());
        Assert.Equal("disconnected", await _seen.NextAsync());
        var second = Make("world");
        var got = new Seen();
        second.Server.On("message", message => got.Add(message.As<string>()!));
        await Within.Deadline(second.ServeAsync());
        await Within.Deadline(ipc.ConnectToAsync("world"));
        await client.EmitAsync("message", "hello");

        Assert.Equal("hello", await got.NextAsync());
    }

    [Fact]
    public async Task Disconnecting_raises_Disconnected_and_Destroyed_and_nothing_is_tried_again()
    {
        var (server, _) = await MakePairAsync();
        var connections = new Seen();
        var ipc = Make("other");
        Watch(ipc.Of("world"));
        var client = await Within.Deadline(ipc.ConnectToAsync("world"));

        await Within.Deadline(ipc.DisconnectAsync("world"));

        Assert.Equal(["connected", "disconnected", "destroyed"], await _seen.NextAsync(3));
        Assert.False(client.IsConnected);
        var refused = await Assert.ThrowsAsync<LinkException>(() => client.EmitAsync("message"));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), (refused.Error, refused.Fate));
        server.Server.Connected += (_, _) => connections.Add("connected");
        var again = await Within.Deadline(ipc.ConnectToAsync("world"));
        Assert.NotSame(client, again);
        Assert.Equal("connected", await connections.NextAsync());
    }

    [Fact]
    public async Task Disposal_waits_for_the_handlers_of_a_client_that_was_disconnected()
    {
        var (_, _) = await MakePairAsync();
        var ipc = Make("other");
        var (begun, go) = (new TaskCompletionSource(), new ManualResetEventSlim());
        ipc.Of("world").Destroyed += (_, _) =>
        {
            begun.SetResult();
            go.Wait(Within.Default);
            _seen.Add("handled");
        };
        await Within.Deadline(ipc.ConnectToAsync("world"));
        await Within.Deadline(ipc.DisconnectAsync("world"));
        await Within.Deadline(begun.Task);

        var disposing = ipc.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        go.Set();
        await Within.Deadline(disposing);

        Assert.Equal("handled", await _seen.NextAsync());
        go.Dispose();
    }

    [Fact]
    public async Task Disconnecting_between_two_tries_destroys_at_once()
    {
        var time = new FakeTimeProvider();
        var ipc = Make("hello", options => options with { TimeProvider = time });
        Watch(ipc.Of("world"));
        var connecting = ipc.ConnectToAsync("world");
        Assert.Equal(["error NoSuchPeer", "disconnected"], await _seen.NextAsync(2));

        await Within.Deadline(ipc.DisconnectAsync("world"));

        Assert.Equal("destroyed", await _seen.NextAsync());
        await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(connecting));
    }

    [Fact]
    public async Task Connecting_to_an_id_that_is_connected_gives_that_client_and_no_second_connection()
    {
        var (server, _) = await MakePairAsync();
        server.Server.On("message", _ => _seen.Add("message"));
        var ipc = Make("other");

        var first = await Within.Deadline(ipc.ConnectToAsync("world"));
        var second = await Within.Deadline(ipc.ConnectToAsync("world"));

        Assert.Same(first, second);
        await Within.Deadline(first.EmitAsync("message"));
        Assert.Equal("message", await _seen.NextAsync());
        Assert.Equal(2, server.Server.Sockets.Count);
    }

    [Fact]
    public async Task Waiting_for_a_connection_ends_while_the_client_goes_on_trying()
    {
        var time = new FakeTimeProvider();
        var ipc = Make("hello", options => options with { TimeProvider = time, Retry = TimeSpan.FromHours(1) });
        Watch(ipc.Of("world"));
        using var cancelling = new CancellationTokenSource();
        var waiting = ipc.ConnectToAsync("world");
        var cancelled = ipc.ConnectToAsync("world", cancelling.Token);
        Assert.Equal(["error NoSuchPeer", "disconnected"], await _seen.NextAsync(2));

        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(cancelled));
        await Within.Deadline(time.WhenArmed(2));
        time.Advance(TimeSpan.FromSeconds(30));
        var error = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(waiting));
        Assert.Equal((LinkError.Timeout, RequestFate.NotSent), (error.Error, error.Fate));

        await Within.Deadline(Make("world").ServeAsync());
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("connected", await _seen.NextAsync());
    }

    [Fact]
    public async Task What_is_sent_between_two_tries_fails_at_once()
    {
        var time = new FakeTimeProvider();
        var ipc = Make("hello", options => options with { TimeProvider = time });
        var client = ipc.Of("world");
        Watch(client);
        await FailsAsync(client);
        var connecting = ipc.ConnectToAsync("world");
        Assert.Equal(["error NoSuchPeer", "disconnected"], await _seen.NextAsync(2));

        await FailsAsync(client);
        await Within.Deadline(ipc.DisconnectAsync("world"));
        await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(connecting));

        static async Task FailsAsync(IpcClient client)
        {
            var error = await Assert.ThrowsAsync<LinkException>(() => client.EmitAsync("message"));
            Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), (error.Error, error.Fate));
        }
    }

    [Fact]
    public async Task What_is_sent_while_connecting_goes_out_in_order_when_connected()
    {
        using var full = new FullListener(Directory.File("app.world"));
        var ipc = Make("hello", options => options with { MaxQueuedEmits = 2, ConnectTimeout = TimeSpan.FromSeconds(30) });
        var connecting = ipc.ConnectToAsync("world");
        var client = ipc.Of("world");

        var (first, second) = (client.EmitAsync("message", 1), client.EmitAsync("message", 2));
        var third = await Assert.ThrowsAsync<LinkException>(() => client.EmitAsync("message", 3));
        Assert.False(first.IsCompleted || second.IsCompleted);
        using var peer = await full.AcceptLastAsync();
        await Within.Deadline(Task.WhenAll(connecting, first, second));

        Assert.Equal((LinkError.Overloaded, RequestFate.NotSent), (third.Error, third.Fate));
        Assert.Equal("""{"type":"message","data":1}""", await peer.ReadFrameAsync());
        Assert.Equal("""{"type":"message","data":2}""", await peer.ReadFrameAsync());
    }

    [Fact]
    public async Task What_is_sent_while_connecting_fails_with_that_attempt()
    {
        using var full = new FullListener(Directory.File("app.world"));
        var ipc = Make("hello", options => options with { ConnectTimeout = TimeSpan.FromMilliseconds(200), StopRetrying = true });
        var connecting = ipc.ConnectToAsync("world");

        var sent = ipc.Of("world").EmitAsync("message", 1);

        var error = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(sent));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), (error.Error, error.Fate));
        Assert.Equal(LinkError.Timeout, (await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(connecting))).Error);
    }

    private static async Task AdvanceAsync(FakeTimeProvider time, Ipc ipc)
    {
        await Within.Until(() => !ipc.Of("world").IsConnected);
        await Within.Deadline(time.WhenArmed());
        time.Advance(TimeSpan.FromSeconds(1));
    }

    private void Watch(IpcClient client, bool errors = true)
    {
        client.Connected += (_, _) => _seen.Add("connected");
        client.Disconnected += (_, _) => _seen.Add("disconnected");
        client.Destroyed += (_, _) => _seen.Add("destroyed");
        if (errors)
        {
            client.Error += (_, e) => _seen.Add($"error {((LinkException)e.Error).Error}");
        }
    }

    /// <summary>A listener whose queue is full, so that connecting to it takes until there is room.</summary>
    private sealed class FullListener : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly List<Socket> _queued = [];

        public FullListener(string path)
        {
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            _listener.Listen(0);
            while (true)
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
                _queued.Add(socket);
                try
                {
                    socket.Connect(new UnixDomainSocketEndPoint(path));
                }
                catch (SocketException)
                {
                    return;
                }
            }
        }

        /// <summary>Accepts what filled the queue, and then who came after.</summary>
        public async Task<RawPeer> AcceptLastAsync()
        {
            for (var index = 0; index < _queued.Count - 1; index++)
            {
                (await Within.Deadline(_listener.AcceptAsync())).Dispose();
            }

            return new RawPeer(await Within.Deadline(_listener.AcceptAsync()));
        }

        public void Dispose()
        {
            _listener.Dispose();
            _queued.ForEach(socket => socket.Dispose());
        }
    }
}

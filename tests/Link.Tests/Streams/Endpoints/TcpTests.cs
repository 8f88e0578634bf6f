using System.Net;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Streams.Endpoints;
using Link.Streams.Sockets;
using Link.Testing;

namespace Link.Tests.Streams.Endpoints;

/// <summary>TCP sockets, dialled and listened on.</summary>
public sealed class TcpTests
{
    private static readonly EndpointOptions Options = new();

    [Fact]
    public async Task Both_ends_send_without_delay_and_notice_a_dead_peer()
    {
        await using var pair = await Connection.MakeAsync(Options);
        foreach (var socket in new[] { pair.Dialled.Socket, pair.Accepted.Socket })
        {
            Assert.True(socket.NoDelay);
            Assert.Equal(1, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
            Assert.Equal(7, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!);
            Assert.Equal(1, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!);
            Assert.Equal(3, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount)!);
            var userTimeout = new byte[sizeof(int)];
            socket.GetRawSocketOption(6, 18, userTimeout);
            Assert.Equal(10_000, BitConverter.ToInt32(userTimeout));
        }
    }

    [Fact]
    public async Task Any_address_of_IPv6_is_one_of_IPv4_too()
    {
        var options = Options with { AllowInsecureNetwork = true };
        using var listener = await ListenAsync("tcp://[::]:0", options);
        foreach (var host in new[] { "127.0.0.1", "::1" })
        {
            var endpoint = Endpoint.Network(EndpointKind.Tcp, host, listener.Endpoint.Port);
            await using var dialled = (await Within.Deadline(StreamDialer.DialAsync(endpoint, "peer", options))).Stream;
            var accepted = await Within.Deadline(listener.EstablishAsync(await Within.Deadline(listener.AcceptAsync())));
            await using var stream = accepted.Stream;
            Assert.Equal(host, Endpoint.Parse(accepted.Peer.Endpoint).Address);
        }
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("localhost", false)]
    [InlineData("[::1]", false)]
    [InlineData("127.0.0.1", true)]
    public async Task Bytes_pass_over_loopback(string host, bool lowLatency)
    {
        await using var pair = await Connection.MakeAsync(Options with { LowLatency = lowLatency }, host);
        for (byte value = 1; value < 100; value++)
        {
            await Within.Deadline(pair.Dialled.WriteAsync(new[] { value }));
            var received = new byte[1];
            Assert.Equal(1, await Within.Deadline(pair.Accepted.ReadAsync(received)));
            Assert.Equal(value, received[0]);
        }
    }

    [Theory]
    [InlineData("tcp://0.0.0.0:0")]
    [InlineData("tcp://[::]:0")]
    [InlineData("tcp://192.0.2.1:0")]
    public async Task Listening_beyond_loopback_without_TLS_must_be_allowed(string endpoint)
    {
        var failure = await Assert.ThrowsAsync<LinkException>(() => ListenAsync(endpoint));
        Assert.Equal(LinkError.Untrusted, failure.Error);
        Assert.Contains($"{endpoint} would be open to the network", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listening_beyond_loopback_may_be_allowed()
    {
        using var listener = await ListenAsync("tcp://0.0.0.0:0", Options with { AllowInsecureNetwork = true });
        Assert.NotEqual(0, listener.Endpoint.Port);
    }

    [Theory]
    [InlineData("tcp://no-such-host.invalid:0")]
    [InlineData("tls://192.0.2.1:0")]
    public async Task A_host_that_is_not_here_cannot_be_listened_on(string endpoint)
    {
        using var certificates = new TestCertificates();
        var (certificate, key) = certificates.Issue("one");
        var options = Options with { Tls = new() { CertificateFile = certificate, KeyFile = key } };
        Assert.Equal(LinkError.NameUnavailable, (await Assert.ThrowsAsync<LinkException>(() => ListenAsync(endpoint, options))).Error);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_unavailable_and_free_again_right_after()
    {
        var endpoint = "";
        await using (var pair = await Connection.MakeAsync(Options))
        {
            endpoint = pair.Endpoint;
            Assert.Equal(LinkError.NameUnavailable, (await Assert.ThrowsAsync<LinkException>(() => ListenAsync(endpoint))).Error);

            // The side that ends first waits for stragglers, on the listener's port.
            await Within.Deadline(pair.Accepted.DisposeAsync());
        }

        using var again = await ListenAsync(endpoint);
        Assert.Equal(endpoint, again.Endpoint.ToString());
    }

    [Fact]
    public async Task Nobody_listens_is_no_such_peer_and_no_socket_connects_to_itself()
    {
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)unused.LocalEndPoint!).Port;
        var failure = await Assert.ThrowsAsync<LinkException>(() => DialAsync($"tcp://127.0.0.1:{port}"));
        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (failure.Error, failure.Fate));
        Assert.Equal($"Nobody listens on tcp://127.0.0.1:{port}.", failure.Message);
        unused.Dispose();

        // Dialled from the very port: what otherwise happens by chance.
        var itself = Options with { Interface = new LocalInterface { LocalAddress = IPAddress.Loopback, LocalPort = port } };
        Assert.Equal(LinkError.NoSuchPeer, (await Assert.ThrowsAsync<LinkException>(() => DialAsync($"tcp://127.0.0.1:{port}", itself))).Error);
    }

    [Fact]
    public async Task An_unknown_host_is_no_such_peer()
    {
        var failure = await Assert.ThrowsAsync<LinkException>(() => DialAsync("tcp://no-such-host.invalid:1"));
        Assert.Equal(LinkError.NoSuchPeer, failure.Error);
        Assert.Contains("tcp://no-such-host.invalid:1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_an_address_of_the_family_wanted_is_no_such_peer()
    {
        var options = Options with { Interface = new LocalInterface { LocalAddress = IPAddress.IPv6Loopback } };
        var failure = await Assert.ThrowsAsync<LinkException>(() => DialAsync("tcp://127.0.0.1:1", options));
        Assert.Equal(LinkError.NoSuchPeer, failure.Error);
        Assert.Contains("has no address of InterNetworkV6", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_local_address_can_be_chosen_to_dial_from()
    {
        var local = IPAddress.Parse("127.0.0.9");
        await using var pair = await Connection.MakeAsync(Options with { Interface = new LocalInterface { LocalAddress = local } });
        Assert.Equal(local, ((IPEndPoint)pair.Accepted.Socket.RemoteEndPoint!).Address);
    }

    [Fact]
    public async Task A_listener_that_does_not_answer_is_a_timeout_and_the_next_address_is_tried()
    {
        // Nobody takes what waits in this listener's queue of one: who comes next gets no answer.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        full.Listen(0);
        using var first = new TcpClient();
        await first.ConnectAsync((IPEndPoint)full.LocalEndPoint!).WaitAsync(Within.Default);
        var port = ((IPEndPoint)full.LocalEndPoint!).Port;
        var options = Options with { ConnectTimeout = TimeSpan.FromMilliseconds(500) };
        var failure = await Assert.ThrowsAsync<LinkException>(() => DialAsync($"tcp://127.0.0.2:{port}", options));
        Assert.Equal(LinkError.Timeout, failure.Error);
        Assert.Equal($"tcp://127.0.0.2:{port} did not answer within 0.5 s.", failure.Message);

        using var good = new TcpListener(IPAddress.Parse("127.0.0.3"), port);
        good.Start();
        IPAddress[] addresses = [IPAddress.Parse("127.0.0.4"), IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")];
        using var connected = await Within.Deadline(TcpDialer.ConnectToAnyAsync(
            Endpoint.Parse($"tcp://example.test:{port}"), addresses, TimeSpan.FromSeconds(3), Options, CancellationToken.None));
        Assert.Equal(good.LocalEndpoint, connected.RemoteEndPoint);
    }

    [Fact]
    public async Task What_was_written_before_disposal_arrives_although_the_peer_keeps_sending()
    {
        for (var round = 0; round < 20; round++)
        {
            await using var pair = await Connection.MakeAsync(Options);
            await Within.Deadline(pair.Dialled.WriteAsync(new byte[100_000]));
            await Within.Deadline(pair.Accepted.WriteAsync(new byte[50_000]));
            await Within.Deadline(pair.Accepted.DisposeAsync());
            await Within.Deadline(pair.Dialled.ReadExactlyAsync(new byte[50_000]));
        }
    }

    [Fact]
    public async Task Disposal_ends_although_the_peer_never_reads()
    {
        await using var pair = await Connection.MakeAsync(Options);
        var writing = pair.Accepted.WriteAsync(new byte[64 * 1024 * 1024]).AsTask();
        await Within.Deadline(pair.Accepted.DisposeAsync());
        await Assert.ThrowsAnyAsync<Exception>(() => Within.Deadline(writing));
    }

    private static async Task<IStreamListener> ListenAsync(string endpoint, EndpointOptions? options = null) =>
        await Within.Deadline(StreamListener.ListenAsync(Endpoint.Parse(endpoint), options ?? Options));

    private static async Task DialAsync(string endpoint, EndpointOptions? options = null) =>
        await (await Within.Deadline(StreamDialer.DialAsync(Endpoint.Parse(endpoint), "peer", options ?? Options))).Stream.DisposeAsync();

    private sealed class Connection(IStreamListener listener, SocketStream dialled, SocketStream accepted) : IAsyncDisposable
    {
        public string Endpoint => listener.Endpoint.ToString();

        public SocketStream Dialled => dialled;

        public SocketStream Accepted => accepted;

        public static async Task<Connection> MakeAsync(EndpointOptions options, string host = "127.0.0.1")
        {
            var listener = await ListenAsync($"tcp://{host}:0", options);
            var dialled = await Within.Deadline(StreamDialer.DialAsync(listener.Endpoint, "peer", options));
            var accepted = await Within.Deadline(listener.EstablishAsync(await Within.Deadline(listener.AcceptAsync())));
            return new Connection(listener, (SocketStream)dialled.Stream, (SocketStream)accepted.Stream);
        }

        public async ValueTask DisposeAsync()
        {
            listener.Dispose();
            await Within.Deadline(dialled.DisposeAsync());
            await Within.Deadline(accepted.DisposeAsync());
        }
    }
}

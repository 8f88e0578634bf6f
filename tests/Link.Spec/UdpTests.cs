using System.Net;
using System.Net.Sockets;
using System.Text;
using Link.Abstractions;
using Link.NodeIpc;
using Link.Spec.Support;
using Link.Streams.Datagrams;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Spec;

/// <summary>SPEC.md, "UDP": a server and a plain socket.</summary>
public sealed class UdpTests : SpecTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_message_is_one_datagram_after_an_empty_one()
    {
        var socket = Open();
        var sent = Asking(socket).SendAsync("test-two", new { id = "k", n = 1 });

        Assert.Equal("", await GreetedAsync(socket));
        Assert.Equal(
            "{\"type\":\"message\",\"data\":\"{\\\"id\\\":\\\"k\\\",\\\"sentBy\\\":\\\"test-one\\\",\\\"data\\\":{\\\"id\\\":\\\"k\\\",\\\"n\\\":1}}\"}\f",
            await ReceiveAsync(socket));
        Send(socket, "{\"type\":\"message\",\"data\":\"{\\\"success\\\":true,\\\"id\\\":\\\"k\\\",\\\"ok\\\":1}\"}\f");

        Assert.Equal(1, (int)(await sent.Soon())["ok"]!);
    }

    [Fact]
    public async Task Whoever_sends_is_answered_at_its_address()
    {
        var (one, two) = (Open(), Open());
        await AnsweringAsync(one, two);

        Send(two, RawPeer.Frame("{\"id\":2,\"data\":{}}"));
        Send(one, RawPeer.Frame("{\"id\":1,\"data\":{}}"));

        Assert.Equal(1, (int)(await AnswerAsync(one))["id"]!);
        Assert.Equal(2, (int)(await AnswerAsync(two))["id"]!);
    }

    [Fact]
    public async Task Several_frames_in_one_datagram_are_several_messages()
    {
        var socket = Open();
        await AnsweringAsync(socket);

        Send(socket, RawPeer.Frame("{\"id\":1,\"data\":{}}") + RawPeer.Frame("{\"id\":2,\"data\":{}}"));

        Assert.Equal([1, 2], new[] { (int)(await AnswerAsync(socket))["id"]!, (int)(await AnswerAsync(socket))["id"]! }.Order());
    }

    [Theory]
    [InlineData("{bad json}\f")]
    [InlineData("{\"type\":\"message\",\"data\":\"\u00ff\"}\f")]
    [InlineData("{\"type\":\"message\"")]
    public async Task A_malformed_datagram_is_dropped_alone_and_reported(string text)
    {
        var socket = Open();
        var server = await AnsweringAsync(socket);
        var reported = Deadline.Signal<LinkException>();
        server.Error += (_, e) => reported.TrySetResult((LinkException)e.Error);

        socket.Send(Encoding.Latin1.GetBytes(text));
        Send(socket, RawPeer.Frame("{\"id\":1,\"data\":{}}"));

        Assert.Equal(1, (int)(await AnswerAsync(socket))["id"]!);
        Assert.Equal(LinkError.ProtocolViolation, (await reported.Task.Soon()).Error);
    }

    [Fact]
    public async Task A_message_larger_than_a_datagram_is_refused_before_it_is_sent()
    {
        var socket = Open();
        var server = Asking(socket);

        var refusal = await Assert.ThrowsAsync<LinkException>(
            () => server.SendAsync("test-two", new { text = new string('x', DatagramLimits.LargestDatagram) }).Soon());

        Assert.Equal((LinkError.TooLarge, RequestFate.NotSent), (refusal.Error, refusal.Fate));
        Assert.Equal("", await GreetedAsync(socket));
        Assert.False(socket.Poll(TimeSpan.Zero, SelectMode.SelectRead));
    }

    [Fact]
    public async Task A_peer_in_silence_is_forgotten()
    {
        var socket = Open();
        var server = await AnsweringAsync(socket);
        var disconnected = Deadline.Signal<LinkException?>();
        server.PeerDisconnected += (_, e) => disconnected.TrySetResult(e.Error);
        Send(socket, RawPeer.Frame("{\"id\":1,\"data\":{}}"));
        await AnswerAsync(socket);

        _clock.Advance(new DatagramLimits().IdleTimeout);

        Assert.Null(await disconnected.Task.Soon());
    }

    [Fact]
    public async Task An_unanswered_request_is_sent_again_if_that_is_wanted()
    {
        var socket = Open();
        var resend = new ResendOptions();
        _ = Asking(socket, resend).SendAsync("test-two", new { n = 1 }).ContinueWith(call => call.Exception, TaskScheduler.Default);
        await GreetedAsync(socket);
        var first = await ReceiveAsync(socket);

        _clock.Advance(resend.Interval);

        Assert.Equal(first, await ReceiveAsync(socket));
    }

    [Fact]
    public async Task A_repeated_request_is_answered_again_and_handled_once_if_that_is_wanted()
    {
        var handled = 0;
        var socket = Open();
        await AnsweringAsync([socket], new ResendOptions(), () => Interlocked.Increment(ref handled));
        Send(socket, RawPeer.Frame("{\"id\":1,\"data\":{}}"));
        var first = await ReceiveAsync(socket);

        Send(socket, RawPeer.Frame("{\"id\":1,\"data\":{}}"));

        Assert.Equal(first, await ReceiveAsync(socket));
        Assert.Equal(1, handled);
    }

    private Socket Open()
    {
        var socket = Own(new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    /// <summary>A server to which the socket is the peer test-two.</summary>
    private Server Asking(Socket socket, ResendOptions? resend = null) => Make("test-one", Over(new NodeIpcOptions
    {
        Peers = new Dictionary<string, string> { ["test-two"] = $"udp4://{socket.LocalEndPoint}" },
        Resend = resend,
        TimeProvider = _clock,
    }));

    private Task<Server> AnsweringAsync(params Socket[] sockets) => AnsweringAsync(sockets, null, () => { });

    /// <summary>A server that answers, and to which the sockets send.</summary>
    private async Task<Server> AnsweringAsync(Socket[] sockets, ResendOptions? resend, Action handled)
    {
        var transport = new NodeIpcTransport(new NodeIpcOptions { ListenOn = "udp4://127.0.0.1:0", Resend = resend, TimeProvider = _clock });
        var server = await StartAsync("test-two", new ServerOptions { Transport = transport, AllowMultiple = true }, message =>
        {
            handled();
            return message.ReplyAsync(new { ok = true });
        });
        foreach (var socket in sockets)
        {
            await socket.ConnectAsync(IPEndPoint.Parse(transport.Endpoint!["udp4://".Length..]));
        }

        return server;
    }

    private static ServerOptions Over(NodeIpcOptions options) => new() { Transport = new NodeIpcTransport(options), AllowMultiple = true };

    private static void Send(Socket socket, string text) => socket.Send(Encoding.UTF8.GetBytes(text));

    /// <summary>The first datagram; from then on the socket sends to where it came from.</summary>
    private static async Task<string> GreetedAsync(Socket socket)
    {
        var buffer = new byte[65_536];
        var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0)).Soon();
        await socket.ConnectAsync(received.RemoteEndPoint);
        return Encoding.UTF8.GetString(buffer, 0, received.ReceivedBytes);
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[65_536];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, SocketFlags.None).Soon());
    }

    private static async Task<JObject> AnswerAsync(Socket socket)
    {
        var frame = JObject.Parse((await ReceiveAsync(socket)).TrimEnd('\f'));
        return JObject.Parse((string)frame["data"]!);
    }
}

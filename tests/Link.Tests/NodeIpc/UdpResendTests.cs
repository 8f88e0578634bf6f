using System.Net;
using System.Net.Sockets;
using System.Text;
using Link.Abstractions;
using Link.NodeIpc;
using Link.Testing;

namespace Link.Tests.NodeIpc;

/// <summary>Each side of resending against a plain socket, on a clock that stands still.</summary>
public sealed class UdpResendTests : IAsyncLifetime
{
    private const string Reply = "{\"type\":\"message\",\"data\":\"{\\\"success\\\":true,\\\"id\\\":\\\"a\\\"}\"}\f";

    private static readonly ResendOptions Resend = new()
    {
        Interval = TimeSpan.FromSeconds(1),
        Count = 3,
        MaxUnansweredBytes = 64 * 1024,
        MaxRememberedBytes = 64 * 1024,
        RememberFor = TimeSpan.FromSeconds(10),
    };

    private readonly FakeTimeProvider _clock = new();
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly List<IAsyncDisposable> _owned = [];

    public Task InitializeAsync()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var owned in _owned)
        {
            await Within.Deadline(owned.DisposeAsync());
        }

        _socket.Dispose();
    }

    [Fact]
    public async Task A_request_is_sent_again_after_doubled_times_and_not_for_ever()
    {
        var connection = await DialAsync();
        await connection.WriteAsync(Request("a"));
        var first = await ReceiveAsync();
        foreach (var seconds in new[] { 1, 2, 4 })
        {
            _clock.Advance(TimeSpan.FromSeconds(seconds - 0.001));
            Assert.Equal(0, _socket.Available);
            _clock.Advance(TimeSpan.FromSeconds(0.001));
            Assert.Equal(first, await ReceiveAsync());
        }

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _socket.Available);
    }

    [Fact]
    public async Task A_request_written_while_an_older_one_waits_long_is_sent_again_in_its_own_time()
    {
        var connection = await DialAsync();
        await connection.WriteAsync(Request("a"));
        _clock.Advance(TimeSpan.FromSeconds(3));
        for (var count = 0; count < 3; count++)
        {
            Assert.Contains("\\\"a\\\"", await ReceiveAsync(), StringComparison.Ordinal);
        }

        await connection.WriteAsync(Request("b"));
        var second = await ReceiveAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(second, await ReceiveAsync());
        Assert.Equal(0, _socket.Available);
    }

    [Fact]
    public async Task A_request_that_has_been_answered_is_not_sent_again()
    {
        var connection = await DialAsync();
        await connection.WriteAsync(Request("a"));
        await ReceiveAsync();
        _socket.Send(Encoding.UTF8.GetBytes(Reply));
        Assert.True((await Within.Deadline(connection.ReadAsync()))?.Success);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _socket.Available);
        Assert.True(_clock.ArmedTimers <= 1, "Only the idle time is to be waited for.");
    }

    [Fact]
    public async Task A_connection_that_has_ended_sends_nothing_again()
    {
        var connection = await DialAsync();
        await connection.WriteAsync(Request("a"));
        await ReceiveAsync();
        await connection.DisposeAsync();
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _socket.Available);
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Fact]
    public async Task Unanswered_requests_are_bounded()
    {
        var connection = await DialAsync();
        await connection.WriteAsync(Request("a", 30_000));
        await connection.WriteAsync(Request("b", 30_000));
        var refusal = await Assert.ThrowsAsync<LinkException>(() => connection.WriteAsync(Request("c", 30_000)).AsTask());
        Assert.Equal((LinkError.Overloaded, RequestFate.NotSent), (refusal.Error, refusal.Fate));

        await ReceiveAsync();
        await ReceiveAsync();
        _socket.Send(Encoding.UTF8.GetBytes(Reply));
        await Within.Deadline(connection.ReadAsync());
        await connection.WriteAsync(Request("c", 30_000));
        Assert.Contains("\\\"c\\\"", await ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_request_is_yielded_once_and_answered_again_with_the_same_reply()
    {
        var connection = await AcceptAsync(Asking("a"));
        Assert.Equal(RequestId.FromString("a"), (await Within.Deadline(connection.ReadAsync()))?.Id);

        // While the handler runs, a repetition is passed over.
        Send(Asking("a"));
        Send(Asking("b"));
        Assert.Equal(RequestId.FromString("b"), (await Within.Deadline(connection.ReadAsync()))?.Id);
        await connection.WriteAsync(Answer("a", "first"));
        var reply = await ReceiveAsync();
        Assert.Contains("first", reply, StringComparison.Ordinal);

        // Written in another way, it is the same id.
        Send(Asking("\\\\u0061"));
        Send(Asking("c"));
        Assert.Equal(RequestId.FromString("c"), (await Within.Deadline(connection.ReadAsync()))?.Id);
        Assert.Equal(reply, await ReceiveAsync());
        Assert.Equal(0, _socket.Available);
    }

    [Fact]
    public async Task A_request_without_id_is_yielded_as_often_as_it_comes()
    {
        const string Anonymous = "{\"type\":\"message\",\"data\":\"{\\\"data\\\":{}}\"}\f";
        var connection = await AcceptAsync(Anonymous);
        Send(Anonymous);
        Assert.NotNull(await Within.Deadline(connection.ReadAsync()));
        Assert.NotNull(await Within.Deadline(connection.ReadAsync()));
    }

    [Fact]
    public async Task A_reply_is_remembered_for_a_while()
    {
        var connection = await AcceptAsync(Asking("a"));
        await Within.Deadline(connection.ReadAsync());
        await connection.WriteAsync(Answer("a", "first"));
        var reply = await ReceiveAsync();
        _clock.Advance(Resend.RememberFor - TimeSpan.FromSeconds(1));
        Send(Asking("a"));
        Send(Asking("b"));
        Assert.Equal(RequestId.FromString("b"), (await Within.Deadline(connection.ReadAsync()))?.Id);
        Assert.Equal(reply, await ReceiveAsync());

        _clock.Advance(TimeSpan.FromSeconds(1));
        Send(Asking("a"));
        Assert.Equal(RequestId.FromString("a"), (await Within.Deadline(connection.ReadAsync()))?.Id);
    }

    [Fact]
    public async Task Remembered_replies_are_bounded_and_the_oldest_is_forgotten()
    {
        var connection = await AcceptAsync(Asking("a"));
        foreach (var id in new[] { "a", "b", "c" })
        {
            Send(Asking(id));
            while ((await Within.Deadline(connection.ReadAsync()))?.Id != RequestId.FromString(id))
            {
            }

            await connection.WriteAsync(Answer(id, new string('x', 30_000)));
            await ReceiveAsync();
        }

        Send(Asking("c"));
        Send(Asking("a"));
        Assert.Equal(RequestId.FromString("a"), (await Within.Deadline(connection.ReadAsync()))?.Id);
        Assert.Contains("\\\"c\\\"", await ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_that_could_not_be_written_is_not_remembered()
    {
        var connection = await AcceptAsync(Asking("a"));
        await Within.Deadline(connection.ReadAsync());
        await Assert.ThrowsAsync<LinkException>(() => connection.WriteAsync(Answer("a", new string('x', 70_000))).AsTask());
        Send(Asking("a"));
        Send(Asking("b"));
        Assert.Equal(RequestId.FromString("b"), (await Within.Deadline(connection.ReadAsync()))?.Id);

        await connection.WriteAsync(Answer("a", "smaller"));
        Assert.Contains("smaller", await ReceiveAsync(), StringComparison.Ordinal);
    }

    private static Envelope Request(string id, int padding = 0) => new()
    {
        Kind = EnvelopeKind.Request,
        Id = RequestId.FromString(id),
        From = "one",
        Payload = Payload.FromJson($$"""{"padding":"{{new string('x', padding)}}"}"""),
    };

    private static Envelope Answer(string id, string text) => new()
    {
        Kind = EnvelopeKind.Reply,
        Id = RequestId.FromString(id),
        Success = true,
        Payload = Payload.FromJson($$"""{"success":true,"id":"{{id}}","text":"{{text}}"}"""),
    };

    private static string Asking(string id) =>
        $$$"""{"type":"message","data":"{\"id\":\"{{{id}}}\",\"sentBy\":\"one\",\"data\":{}}"}""" + "\f";

    private void Send(string text) => _socket.Send(Encoding.UTF8.GetBytes(text));

    private async Task<string> ReceiveAsync()
    {
        var buffer = new byte[65_536];
        return Encoding.UTF8.GetString(buffer, 0, await Within.Deadline(_socket.ReceiveAsync(buffer, SocketFlags.None)));
    }

    /// <summary>A connection to the socket, which has been greeted and is connected back.</summary>
    private async Task<IConnection> DialAsync()
    {
        var connection = await Within.Deadline(Transport($"udp4://{_socket.LocalEndPoint}").ConnectAsync("peer"));
        _owned.Add(connection);
        var greeting = await Within.Deadline(_socket.ReceiveFromAsync(new byte[1], SocketFlags.None, new IPEndPoint(IPAddress.Any, 0)));
        Assert.Equal(0, greeting.ReceivedBytes);
        await _socket.ConnectAsync(greeting.RemoteEndPoint);
        return connection;
    }

    /// <summary>A connection from the socket, which has sent this.</summary>
    private async Task<IConnection> AcceptAsync(string first)
    {
        var transport = Transport("udp4://127.0.0.1:0");
        await transport.BindAsync("peer");
        await _socket.ConnectAsync(IPEndPoint.Parse(transport.Endpoint![7..]));
        Send(first);
        var connection = await Within.Deadline(transport.AcceptAsync());
        Assert.NotNull(connection);
        _owned.Add(connection);
        return connection;
    }

    private NodeIpcTransport Transport(string endpoint)
    {
        var transport = new NodeIpcTransport(new NodeIpcOptions
        {
            Peers = new Dictionary<string, string> { ["peer"] = endpoint },
            Resend = Resend,
            TimeProvider = _clock,
        });
        _owned.Add(transport);
        return transport;
    }
}

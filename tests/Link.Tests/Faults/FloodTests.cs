using System.Net.Sockets;
using System.Text;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>A peer that never stops sending keeps nobody from their due.</summary>
public sealed class FloodTests : IDisposable
{
    private readonly SocketDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("{}\f")]
    [InlineData("\f")]
    [InlineData("{\"type\":\"other\",\"data\":1}\f")]
    public async Task A_reply_is_delivered_though_a_flood_follows_it(string flood)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_directory.File("app.flooder")));
        listener.Listen();
        using var over = new CancellationTokenSource();
        var flooding = Task.Run(() => AnswerAndFlood(listener, flood, over.Token));
        await using var server = new Server("asker", new ServerOptions { SocketRoot = _directory.Path, AllowMultiple = true });
        var reply = await Within.Deadline(server.SendAsync("flooder", new { id = "a" }));
        Assert.True(reply.Success);

        // Cancelled only now: the reply came while the flood was on.
        await over.CancelAsync();
        await Within.Deadline(flooding);
    }

    [Fact]
    public async Task A_handler_whose_exception_has_no_message_still_answers()
    {
        var options = new ServerOptions { SocketRoot = _directory.Path, AllowMultiple = true };
        await using var answering = new Server("answering", options);
        answering.OnMessage(_ => throw new SilentException());
        await answering.StartAsync();
        await using var asking = new Server("asking", options);
        var rejected = await Assert.ThrowsAsync<RejectedException>(() => Within.Deadline(asking.SendAsync("answering", new { })));
        Assert.Equal("HANDLER_FAILED", rejected.Code);
        Assert.Equal(nameof(SilentException), (string?)rejected.Reply["message"]);
    }

    private static void AnswerAndFlood(Socket listener, string flood, CancellationToken over)
    {
        using var peer = listener.Accept();
        peer.SendTimeout = 1000;
        peer.Receive(new byte[1024]);
        peer.Send("{\"type\":\"message\",\"data\":\"{\\\"success\\\":true,\\\"id\\\":\\\"a\\\"}\"}\f"u8);
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(flood, 4096)));
        while (!over.IsCancellationRequested)
        {
            peer.Send(bytes, SocketFlags.None, out _);
        }
    }

    private sealed class SilentException : Exception
    {
        public override string Message => null!;
    }
}

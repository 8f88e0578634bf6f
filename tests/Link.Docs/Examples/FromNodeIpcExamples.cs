using Link.NodeIpc.Events;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The examples of from-node-ipc.md.</summary>
public class FromNodeIpcExamples : Example
{
    [Fact]
    public async Task A_server_answers_by_type()
    {
        var directory = SocketRoot;

        // docs: from-node-ipc serve
        await using var ipc = new Ipc(new IpcOptions { Id = "world", SocketRoot = directory });
        ipc.Server.On("message", message => message.Socket.EmitAsync("message", $"{message.As<string>()} world!"));
        ipc.Server.Error += (_, e) => Console.Error.WriteLine(e.Error.Message);
        await ipc.ServeAsync();
        // end

        await using var client = new Ipc(new IpcOptions { SocketRoot = directory });
        var answer = TextOf(client.Of("world"));
        await client.ConnectToAsync("world");
        await client.Of("world").EmitAsync("message", "hello");
        Assert.Equal("hello world!", await Within.Deadline(answer));
    }

    [Fact]
    public async Task A_client_sends_and_listens_by_type()
    {
        var directory = SocketRoot;
        await using var answering = Answering(new IpcOptions { Id = "world", SocketRoot = directory });
        await answering.ServeAsync();

        // docs: from-node-ipc connect
        await using var ipc = new Ipc(new IpcOptions { Id = "hello", SocketRoot = directory });
        IpcClient world = ipc.Of("world");
        world.On("message", message => Console.WriteLine(message.As<string>()));
        world.Error += (_, e) => Console.Error.WriteLine(e.Error.Message);
        await ipc.ConnectToAsync("world");
        await world.EmitAsync("message", "hello");
        // end

        var answer = TextOf(world);
        await world.EmitAsync("message", "hello");
        Assert.Equal("hello world!", await Within.Deadline(answer));
    }

    [Fact]
    public async Task Both_can_meet_over_TCP()
    {
        var port = FreePorts.Next();
        await using var server = Answering(new IpcOptions());
        await using var client = new Ipc();
        var answer = TextOf(client.Of("world"));

        // docs: from-node-ipc net
        await server.ServeNetAsync("127.0.0.1", port);
        await client.ConnectToNetAsync("world", "127.0.0.1", port);
        // end

        await client.Of("world").EmitAsync("message", "hello");
        Assert.Equal("hello world!", await Within.Deadline(answer));
    }

    [Fact]
    public async Task Both_can_meet_over_UDP()
    {
        await using var answering = Answering(new IpcOptions());
        var port = (await answering.ServeNetAsync(UdpVersion.Udp4, "127.0.0.1", 0)).Port;
        await using var ipc = new Ipc();
        var answer = TextOf(ipc.Server);

        // docs: from-node-ipc udp
        await ipc.ServeNetAsync(UdpVersion.Udp4, "127.0.0.1", port: 0);
        IpcSocket other = await ipc.Server.ToAsync(UdpVersion.Udp4, "127.0.0.1", port);
        await other.EmitAsync("message", "hello");
        // end

        Assert.Equal("hello world!", await Within.Deadline(answer));
    }

    [Fact]
    public async Task A_request_needs_no_table_of_what_was_asked()
    {
        var directory = SocketRoot;
        await Answering("shop", message => message.ReplyAsync(new { sold = message.Data["item"] }));

        // docs: from-node-ipc ask
        await using var server = new Server("till", new ServerOptions { SocketRoot = directory });
        Reply reply = await server.SendAsync("shop", new { item = "tea" });
        // end

        Assert.Equal("tea", (string?)reply["sold"]);
    }

    [Fact]
    public void The_name_of_a_local_event_is_refused_and_says_what_to_use()
    {
        var failure = Assert.Throws<ArgumentException>(() => new Ipc().Of("world").On("connect", _ => { }));
        Assert.Contains(nameof(IpcClient.Connected), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_sent_says_so()
    {
        await using var ipc = new Ipc();
        var failure = await Assert.ThrowsAsync<Abstractions.LinkException>(() => ipc.Of("world").EmitAsync("message", "hello"));
        Assert.Equal(Abstractions.LinkError.ConnectionLost, failure.Error);
        Assert.Equal(Abstractions.RequestFate.NotSent, failure.Fate);
    }

    private static Ipc Answering(IpcOptions options)
    {
        var ipc = new Ipc(options);
        ipc.Server.On("message", message => message.Socket.EmitAsync("message", $"{message.As<string>()} world!"));
        return ipc;
    }

    private static Task<string?> TextOf(IpcEvents events)
    {
        var text = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        events.On("message", message => { text.TrySetResult(message.As<string>()); });
        return text.Task;
    }
}

using System.Buffers;
using System.Text.Json;
using Link.Abstractions;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The examples of request-and-reply.md about the server itself.</summary>
public class ServerExamples : Example
{
    private sealed record Order(string Item, int Count);

    [Fact]
    public async Task Names_can_have_the_case_of_JavaScript()
    {
        var options = Isolated;

        // docs: request-and-reply system-text-json
        var camelCase = new SystemTextJsonSerializer(new JsonSerializerOptions(JsonSerializerDefaults.Web));
        await using var server = new Server("till", options with { Serializer = camelCase });
        // end

        await Answering("shop", message => message.ReplyAsync(new { got = message.Payload.ToString() }));
        var reply = await server.SendAsync("shop", new Order("tea", 2));
        Assert.Equal("""{"item":"tea","count":2}""", (string?)reply["got"]);
    }

    [Fact]
    public async Task A_serializer_can_be_made_of_another()
    {
        var sizes = new List<int>();
        await using var server = new Server("till", Isolated with { Serializer = new MeasuringSerializer(NewtonsoftSerializer.Default, sizes.Add) });
        await Answering("shop", message => message.ReplyAsync(new { total = 6 }));
        await server.SendAsync("shop", new { item = "tea" });
        Assert.Equal([14], sizes);
    }

    // docs: request-and-reply custom-serializer
    public sealed class MeasuringSerializer(IPayloadSerializer inner, Action<int> onWritten) : IPayloadSerializer
    {
        public void Serialize(IBufferWriter<byte> output, object? value)
        {
            var text = new ArrayBufferWriter<byte>();
            inner.Serialize(text, value);
            onWritten(text.WrittenCount);
            output.Write(text.WrittenSpan);
        }

        public T? Deserialize<T>(ReadOnlyMemory<byte> utf8) => inner.Deserialize<T>(utf8);
    }
    // end

    [Fact]
    public async Task Events_tell_what_belongs_to_no_call()
    {
        var stopped = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new Server("shop", Isolated);
        await using (server)
        {
            server.Stopped += (_, e) => stopped.SetResult(e.Reason);

            // docs: request-and-reply events
            server.Started += (_, e) => Console.WriteLine($"listening: {e.Reason}");
            server.Stopped += (_, e) => Console.WriteLine($"no longer listening: {e.Reason}");
            server.PeerConnected += (_, e) => Console.WriteLine($"connected: {e.Peer}");
            server.PeerDisconnected += (_, e) => Console.WriteLine($"disconnected: {e.Peer} {e.Error?.Message}");
            server.Error += (_, e) => Console.Error.WriteLine($"{e.Peer}: {e.Error.Message}");
            await server.StartAsync("the shop opens");
            // end

            server.OnMessage(message => message.ReplyAsync(new { }));
            await Other("till").SendAsync("shop", new { });
            await server.StopAsync("the shop closes");
            Assert.Equal("the shop closes", await Within.Deadline(stopped.Task));
        }
    }

    [Fact]
    public async Task Peers_can_be_asked_about_and_left()
    {
        await Answering("shop", message => message.ReplyAsync(new { }));
        await using var server = new Server("till", Isolated);

        // docs: request-and-reply peers
        Peer peer = await server.ConnectToAsync("shop");
        Console.WriteLine($"{peer.Name} is process {peer.ProcessId} of user {peer.UserId}");
        bool connected = server.HasPeer("shop");
        bool closed = await server.DisconnectAsync("shop");
        // end

        Assert.Equal((Environment.ProcessId, true, true), (peer.ProcessId, connected, closed));
        Assert.False(server.HasPeer("shop"));
    }

    [Fact]
    public async Task Round_trips_can_be_bought_with_processor_time()
    {
        var options = Isolated;
        await Answering("shop", message => message.ReplyAsync(new { }));

        // docs: request-and-reply low-latency
        await using var server = new Server("till", options with { LowLatency = true });
        // end

        Assert.True((await server.SendAsync("shop", new { })).Success);
    }
}

using Link.Abstractions;
using Link.Testing;
using Link.Wire.Support;
using Newtonsoft.Json.Linq;

namespace Link.Wire.Replay;

/// <summary>Given what the original was given to reply, Link writes the same bytes.</summary>
public sealed class ReplyBytesTests
{
    /// <summary>The replies of the scenarios about replies, as the recorded program made them.</summary>
    private static readonly Dictionary<(string Scenario, int Sequence), Func<Message, Task>> Handlers = new()
    {
        [("reply-success-false-argument", 3)] = message => message.ReplyAsync(new { test = "Hello! I got your response back!" }, success: false),
        [("reply-success-in-data", 3)] = message => message.ReplyAsync(new { success = false, why = "in data" }),
        [("reply-success-in-data", 6)] = message => message.ReplyAsync(new { why = "data wins", success = false }, success: true),
        [("reply-success-in-data", 9)] = message => message.ReplyAsync(new { success = "no" }),
        [("reply-success-in-data", 12)] = message => message.ReplyAsync(new { a = 1, success = (object?)null }),
        [("reply-data-with-id", 3)] = message => message.ReplyAsync(new { x = 1, id = "other-id" }),
        [("reply-argument-forms", 6)] = message => message.ReplyAsync("ab", success: true),
        [("reply-argument-forms", 9)] = message => message.ReplyAsync(new[] { 7, 8 }, success: true),
        [("reply-argument-forms", 18)] = message => message.ReplyAsync((object?)null, success: true),
        [("reply-argument-forms", 21)] = message => message.ReplyAsync(new { }),
    };

    public static TheoryData<string, int> HandlerNames()
    {
        var names = new TheoryData<string, int>();
        foreach (var (scenario, sequence) in Handlers.Keys)
        {
            names.Add(scenario, sequence);
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(HandlerNames))]
    public async Task A_recorded_reply_is_written_byte_for_byte(string scenario, int sequence)
    {
        var lines = Recording.Of(Recording.IpcLink, scenario).Where(line => line.Bytes.Length > 0).ToList();
        var reply = lines.Single(line => line.Sequence == sequence);
        var request = lines.Last(line => line.Sequence < sequence && !Recording.IsReply(line));
        using var directory = new SocketDirectory();
        await using var server = await StartAsync(directory, Handlers[(scenario, sequence)]);
        using var peer = await RawSocket.DialAsync(directory.File("app.test-two"));

        await peer.WriteAsync(request.Bytes);

        Assert.Equal(Connections.Text(reply.Bytes), await peer.ReadFrameAsync());
    }

    [Fact]
    public async Task Every_recorded_reply_is_written_byte_for_byte_from_its_members()
    {
        var replies = Recording.IpcLink.Where(line => line.Bytes.Length > 0 && Recording.IsReply(line) && line.Scenario is not ("hand-made-replies" or "hand-made-requests")).ToList();
        Assert.True(replies.Count >= 35, $"{replies.Count}");
        (object Data, bool? Success) next = default;
        using var directory = new SocketDirectory();
        await using var server = await StartAsync(directory, message =>
            next.Data is Payload payload ? message.ReplyAsync(payload, next.Success) : message.ReplyAsync(next.Data, next.Success));
        using var peer = await RawSocket.DialAsync(directory.File("app.test-two"));
        foreach (var reply in replies)
        {
            var request = RequestOf(reply);
            var (data, success) = Split(reply, request);
            foreach (var form in new object[] { data, Raw(data) })
            {
                next = (form, success);
                await peer.WriteAsync(request.Bytes);
                Assert.Equal(Connections.Text(reply.Bytes), await peer.ReadFrameAsync());
            }
        }
    }

    [Fact]
    public async Task Hand_made_requests_are_answered_as_the_original_answers_them()
    {
        var faults = 0;
        using var directory = new SocketDirectory();
        await using var server = await StartAsync(directory, message => message.ReplyAsync(new { r = 1 }));
        server.Error += (_, _) => Interlocked.Increment(ref faults);
        var disconnected = new TaskCompletionSource<LinkException?>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.PeerDisconnected += (_, ended) => disconnected.TrySetResult(ended.Error);
        using var peer = await RawSocket.DialAsync(directory.File("app.test-two"));
        foreach (var line in Recording.Of(Recording.IpcLink, "hand-made-requests").Where(line => line.From == "raw" && line.Sequence < 21 && line.Bytes.Length > 0))
        {
            await peer.WriteAsync(line.Bytes);
        }

        // The three texts that are no objects, which the original answers too, are dropped.
        Assert.Equal("{\"type\":\"message\",\"data\":\"{\\\"success\\\":true,\\\"id\\\":\\\"h1\\\",\\\"r\\\":1}\"}\f", await peer.ReadFrameAsync());
        Assert.Equal("{\"type\":\"message\",\"data\":\"{\\\"success\\\":true,\\\"r\\\":1}\"}\f", await peer.ReadFrameAsync());
        Assert.Equal("{\"type\":\"message\",\"data\":\"{\\\"success\\\":true,\\\"id\\\":\\\"h3\\\",\\\"r\\\":1}\"}\f", await peer.ReadFrameAsync());
        await peer.WriteAsync("{bad json}\f"u8.ToArray());
        Assert.Equal(LinkError.ProtocolViolation, (await Within.Deadline(disconnected.Task))?.Error);
        await Within.Until(() => Volatile.Read(ref faults) == 4);
        Assert.Null(await peer.ReadFrameAsync());
    }

    private static async Task<Server> StartAsync(SocketDirectory directory, Func<Message, Task> handler)
    {
        var server = new Server("test-two", new ServerOptions { SocketRoot = directory.Path, AllowMultiple = true });
        server.OnMessage(handler);
        await Within.Deadline(server.StartAsync());
        return server;
    }

    private static RecordedLine RequestOf(RecordedLine reply)
    {
        var requests = Recording.Of(Recording.IpcLink, reply.Scenario)
            .Where(line => line.Bytes.Length > 0 && line.Connection == reply.Connection && line.Sequence < reply.Sequence && !Recording.IsReply(line));
        return requests.LastOrDefault(line => JToken.DeepEquals(Inner(line)["id"], Inner(reply)["id"])) ?? requests.Last();
    }

    /// <summary>What the replying program gave: the members it laid over success and id, and the argument.</summary>
    private static (JObject Data, bool? Success) Split(RecordedLine reply, RecordedLine request)
    {
        var data = Inner(reply);
        if (JToken.DeepEquals(data["id"], Inner(request)["id"]))
        {
            data.Remove("id");
        }

        if (data["success"] is not JValue { Value: bool success })
        {
            return (data, null);
        }

        data.Remove("success");
        return (data, success ? null : false);
    }

    private static Payload Raw(JObject data)
    {
        var text = new System.Buffers.ArrayBufferWriter<byte>();
        NewtonsoftSerializer.Default.Serialize(text, data);
        return new Payload(text.WrittenMemory);
    }

    private static JObject Inner(RecordedLine line) =>
        JObject.Parse((string)JObject.Parse(Connections.Text(line.Bytes)[..^1])["data"]!);
}

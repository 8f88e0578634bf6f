using System.Text;
using Link.Abstractions;
using Link.Interop.Harness;
using Link.NodeIpc.Events;
using Newtonsoft.Json.Linq;

namespace Link.Interop.Events;

/// <summary>Every form of value: what arrives, and the bytes that both sides write for it.</summary>
[Collection(SecondNode.Name)]
public sealed class ValueTests
{
    private static readonly string[] Forms =
    [
        "null", "\"\"", "false", "true", "0", "-1", "0.1", "1e21", "1e-7", "9007199254740991", "\"text\"", "\"é漢😀\\f\\u0000\\u007f\\u2028\\\"\\\\/\"",
        "[]", "[null,0,\"\",[{}]]", "{}", "{\"a\":{\"b\":null},\"\":1}", "{\"id\":\"x\",\"_maxListeners\":0}",
    ];

    private static readonly string[] Types = ["é漢😀\f\"\\", "", "a.b c", "5", "connect", "__proto__"];

    private readonly Seen<IpcMessage> _seen = new();

    [Fact]
    public async Task Both_sides_write_the_same_bytes_for_every_form_of_data()
    {
        var theirs = await RecordNodeAsync(Forms.Select(object (form) => new { type = "tell", data = JToken.Parse(form) }));
        var ours = await RecordSharpAsync(Forms.Length, client => Forms.Select(form => client.EmitAsync("tell", JToken.Parse(form))));

        Assert.Equal(theirs, ours);
    }

    [Fact]
    public async Task Both_sides_write_the_same_bytes_for_every_type()
    {
        var theirs = await RecordNodeAsync(Types.Select(object (type) => new { type, data = 1 }));
        var ours = await RecordSharpAsync(Types.Length, client => Types.Select(type => client.EmitAsync(type, 1)));

        Assert.Equal(theirs, ours);
    }

    [Fact]
    public async Task What_is_nothing_to_JavaScript_is_an_empty_object_on_both_sides()
    {
        var theirs = await RecordNodeAsync([new { type = "tell", value = "undefined" }, new { type = "tell", value = "NaN" }]);
        var ours = await RecordSharpAsync(2, client => [client.EmitAsync("tell"), client.EmitAsync("tell", double.NaN)]);

        Assert.Equal(Enumerable.Repeat("""{"type":"tell","data":{}}""", 2), theirs);
        Assert.Equal(theirs, ours);
    }

    [Fact]
    public async Task Node_gets_our_values_and_its_echoes_are_the_same()
    {
        await using var meeting = await EventMeeting.StartAsync();
        var node = await meeting.AddServingAsync(reactions: new { tell = "echo" });
        var client = await meeting.ConnectAsync(meeting.Ipc);
        client.On("echo", _seen.Add);

        foreach (var form in Forms)
        {
            await client.EmitAsync("tell", new Payload(Encoding.UTF8.GetBytes(form)));
        }

        var got = await node.HappenedAsync("tell", Forms.Length);
        var echoes = await _seen.NextAsync(Forms.Length);
        for (var index = 0; index < Forms.Length; index++)
        {
            var expected = JToken.Parse(Forms[index] is "null" or "\"\"" ? "{}" : Forms[index]);
            Assert.True(JToken.DeepEquals(expected, got[index]["data"]), $"Node got {got[index]} for {expected}.");
            Assert.True(JToken.DeepEquals(expected, echoes[index].Data), $"{echoes[index].Data} came back for {expected}.");
        }
    }

    [Fact]
    public async Task A_function_leaves_no_data_and_an_emitter_an_empty_object()
    {
        await using var meeting = await EventMeeting.StartAsync();
        meeting.Ipc.Server.On("tell", _seen.Add);
        await meeting.ServeAsync(meeting.Ipc);
        var node = await meeting.AddAsync();
        await node.ConnectAsync();

        await node.EmitAsync(new { type = "tell", value = "function" }, new { type = "tell", value = "emitter" }, new { type = "tell", data = 1 });

        Assert.True((await _seen.NextAsync()).Payload.IsEmpty);
        Assert.Equal("{}", (await _seen.NextAsync()).Payload.ToString());
        Assert.Equal("1", (await _seen.NextAsync()).Payload.ToString());
    }

    [Fact]
    public async Task A_number_as_type_is_its_text()
    {
        await using var meeting = await EventMeeting.StartAsync();
        meeting.Ipc.Server.On("5", _seen.Add);
        await meeting.ServeAsync(meeting.Ipc);
        var node = await meeting.AddAsync();
        await node.ConnectAsync();

        await node.EmitAsync(new { type = 5, data = 1 });

        Assert.Equal("5", (await _seen.NextAsync()).Type);
    }

    [Fact]
    public async Task No_local_event_of_ours_is_fired_by_Node()
    {
        string[] reserved = ["start", "connect", "disconnect", "destroy", "error", "data", "close", "socket.disconnected"];
        await using var meeting = await EventMeeting.StartAsync();
        var errors = new Seen<Exception>();
        var fired = new Seen<string>();
        var server = meeting.Ipc.Server;
        server.Started += (_, _) => fired.Add("started");
        server.Connected += (_, _) => fired.Add("connected");
        server.SocketDisconnected += (_, _) => fired.Add("socket disconnected");
        server.Closed += (_, _) => fired.Add("closed");
        server.Data += (_, _) => fired.Add("data");
        server.Error += (_, args) => errors.Add(args.Error);
        server.On("tell", _seen.Add);
        await meeting.ServeAsync(meeting.Ipc);
        var node = await meeting.AddAsync();
        await node.ConnectAsync();

        await node.EmitAsync([.. reserved.Select(object (type) => new { type, data = 1 }), new { type = "tell", data = 2 }]);

        Assert.Equal(2, (await _seen.NextAsync()).As<int>());
        Assert.All(await errors.NextAsync(reserved.Length), error => Assert.Equal(LinkError.ProtocolViolation, Assert.IsType<LinkException>(error).Error));
        Assert.Equal(["connected", "started"], (await fired.NextAsync(2)).Order(StringComparer.Ordinal));
        Assert.Equal(0, fired.Count);
    }

    private static async Task<string[]> RecordNodeAsync(IEnumerable<object> messages)
    {
        object[] all = [.. messages];
        await using var meeting = await EventMeeting.StartAsync();
        var recorder = await AddRecorderAsync(meeting);
        var writer = await meeting.AddAsync("writer");
        await writer.ConnectAsync(EventMeeting.Node);
        await writer.EmitToAsync(EventMeeting.Node, all);
        return await FramesAsync(recorder, all.Length);
    }

    private static async Task<string[]> RecordSharpAsync(int count, Func<IpcClient, IEnumerable<Task>> emit)
    {
        await using var meeting = await EventMeeting.StartAsync();
        var recorder = await AddRecorderAsync(meeting);
        await Task.WhenAll(emit(await meeting.ConnectAsync(meeting.Ipc)));
        return await FramesAsync(recorder, count);
    }

    // A server of Node's in raw mode; with this encoding it keeps what it reads as it is.
    private static Task<EventNodePeer> AddRecorderAsync(EventMeeting meeting) =>
        meeting.AddServingAsync(config: new() { ["rawBuffer"] = true, ["encoding"] = "latin1" });

    private static async Task<string[]> FramesAsync(EventNodePeer recorder, int count)
    {
        byte[] bytes = [];
        while (bytes.Count(value => value == '\f') < count)
        {
            bytes = await recorder.BytesAsync(bytes.Length + 1);
        }

        Assert.Equal((byte)'\f', bytes[^1]);
        return Encoding.UTF8.GetString(bytes).Split('\f', StringSplitOptions.RemoveEmptyEntries);
    }
}

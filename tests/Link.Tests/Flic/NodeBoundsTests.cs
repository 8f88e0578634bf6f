using System.Collections.Concurrent;
using Link.Abstractions;
using Link.Flic;
using Link.Streams;
using Link.Testing;

namespace Link.Tests.Flic;

/// <summary>What a hostile bridge, or a hostile node behind it, may cost a node.</summary>
public sealed class NodeBoundsTests
{
    private const int Half = 40 * 1024;

    private static readonly string Padding = new('x', Half);

    [Theory]
    [InlineData("unread")]
    [InlineData("id")]
    [InlineData("sender")]
    public async Task Of_an_event_that_waits_the_whole_frame_counts(string padded)
    {
        using var bridge = new NodeBridge();
        await using var node = Small(bridge);
        var (gate, running) = (new TaskCompletionSource(), new TaskCompletionSource());
        node.On("wait", message =>
        {
            running.SetResult();
            return gate.Task;
        });
        node.On("small", message => message.AcknowledgeAsync(null));
        await ConnectAsync(node, bridge);
        string Pad(string member) => member == padded ? Padding : "";
        string Tell(string id, string name) =>
            $$"""{"unread":"{{Pad("unread")}}","method":"TELL","data":["one{{Pad("sender")}}","{{id}}{{Pad("id")}}","{{name}}",[]]}""";

        await bridge.WriteAsync(Tell("1", "wait"));
        await Within.Deadline(running.Task);
        await bridge.WriteAsync(Tell("2", "small"));

        var answer = await bridge.ReadAsync();
        Assert.StartsWith("2", (string)answer["data"]![1]!, StringComparison.Ordinal);
        Assert.Equal("overloaded", (string?)answer["data"]![2]![0]);
        gate.SetResult();
        await Within.Deadline(node.LeaveAsync(force: true));
    }

    [Fact]
    public async Task Parting_words_that_are_too_much_are_dropped_and_the_event_is_not()
    {
        using var bridge = new NodeBridge();
        await using var node = Small(bridge);
        var (gate, running) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (parting, error) = (new TaskCompletionSource<int>(), new TaskCompletionSource<Exception>());
        node.Closed += (_, e) => parting.SetResult(e.Parting.Count);
        node.Error += (_, e) => error.TrySetResult(e.Error);
        node.On("wait", message =>
        {
            running.SetResult();
            return gate.Task;
        });
        await ConnectAsync(node, bridge);
        await bridge.TellAsync("one", "id", "wait", $"[\"{Padding}\"]");
        await Within.Deadline(running.Task);

        await bridge.WriteAsync($$"""{"method":"CLOSE","data":["{{Padding}}"]}""");

        Assert.Equal(0, await Within.Deadline(parting.Task));
        Assert.Equal(LinkError.Overloaded, Assert.IsType<LinkException>(await Within.Deadline(error.Task)).Error);
        gate.SetResult();
        await Within.Deadline(node.LeaveAsync(force: true));
    }

    [Theory]
    [InlineData("""{"method":"TELL","data":["one"]}""")]
    [InlineData("""{"method":"CLOSE","data":["again"]}""")]
    public async Task A_flood_of_faults_does_not_crowd_out_the_end(string fault)
    {
        using var bridge = new NodeBridge();
        using var log = new NodeRecorder();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port, MaxQueuedEvents = 1, LoggerFactory = log }, "node");
        using var gate = new ManualResetEventSlim();
        var (running, disconnected, events) = (new TaskCompletionSource(), new TaskCompletionSource(), new ConcurrentQueue<string>());
        node.On("block", _ =>
        {
            running.SetResult();
            gate.Wait();
        });
        node.Error += (_, _) => events.Enqueue("error");
        node.Closed += (_, _) => events.Enqueue("closed");
        node.Disconnected += (_, _) => disconnected.SetResult();
        await ConnectAsync(node, bridge);
        await bridge.TellAsync("one", "id", "block", "[]");
        await Within.Deadline(running.Task);

        await bridge.WriteAsync(string.Join('\0', Enumerable.Repeat(fault, 3000)));
        await bridge.WriteAsync("""{"method":"CLOSE","data":["bye"]}""");
        bridge.Hang();
        await Within.Until(() => !node.IsConnected);
        gate.Set();

        await Within.Deadline(disconnected.Task);
        Assert.Single(events, "closed");
        var raised = events.Count(name => name == "error");
        Assert.InRange(raised, 1, 1024);
        var lost = log.Messages.Where(message => message.StartsWith("Error was not raised", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3000, raised + lost.Length);
        Assert.EndsWith($"({lost.Length} so far)", lost[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_come_from_others_are_shortened_in_messages()
    {
        using var bridge = new NodeBridge();
        using var log = new NodeRecorder();
        await using var node = new FlicNode(new FlicNodeOptions { Port = bridge.Port, LoggerFactory = log }, "node");
        var (errors, disconnected) = (new ConcurrentQueue<Exception>(), new TaskCompletionSource<LinkException>());
        var hostile = "n\u0007\u202e\n" + new string('x', 1024 * 1024);
        var quoted = Newtonsoft.Json.JsonConvert.ToString(hostile);
        node.On(hostile, _ => throw new InvalidOperationException("No."));
        node.Error += (_, e) => errors.Enqueue(e.Error);
        node.Disconnected += (_, e) => disconnected.SetResult(e.Error);
        await ConnectAsync(node, bridge);

        await bridge.WriteAsync($$"""{"method":"TELL","data":[{{quoted}},"id",{{quoted}},[]]}""");
        await bridge.WriteAsync($$"""{"method":"SHOUT","data":[{{quoted}}]}""");
        await bridge.WriteAsync($$"""{"method":"SHOUT","data":["unhandled",{{quoted}}]}""");
        await bridge.WriteAsync($$"""{"method":"SHOUT","data":["un{{new string('x', 1024)}}"]}""");
        foreach (var error in new[] { quoted, $"[{quoted}]", "\"unknown-node\"", "\"node-lost\"" })
        {
            await node.TellAndForgetAsync(hostile[..10_000] + ":event");
            await bridge.AckAsync((string)(await bridge.ReadAsync())["id"]!, $"[{error}]");
        }

        // Two handlers, one of which has no way to answer such a name, and four answers.
        await Within.Until(() => errors.Count == 7);
        await bridge.WriteAsync($$"""{"method":f{{new string('x', 1024 * 1024)}}}""");
        var end = await Within.Deadline(disconnected.Task);

        Assert.All(errors.Append(end), error => Assert.InRange(error.ToString().Length, 1, 8192));
        Assert.All(errors.Select(error => error.Message).Append(end.Message).Concat(log.Messages), message =>
        {
            Assert.InRange(message.Length, 1, 600);
            Assert.DoesNotContain(message, character => char.IsControl(character) || character == '\u202e');
        });
        Assert.Contains(errors, error => error.Message.Contains("told by nxxx", StringComparison.Ordinal));
    }

    private static FlicNode Small(NodeBridge bridge) => new(
        new FlicNodeOptions { Port = bridge.Port, Limits = new StreamLimits { MaxFrameBytes = 64 * 1024, OutboundBacklogBytes = 64 * 1024 } }, "node");

    private static async Task ConnectAsync(FlicNode node, NodeBridge bridge)
    {
        var connecting = node.ConnectAsync();
        await bridge.RegisterAsync();
        await Within.Deadline(connecting);
    }
}

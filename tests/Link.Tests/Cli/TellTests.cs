using System.Text.Json.Nodes;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Cli;

public sealed class TellTests
{
    [Fact]
    public async Task The_arguments_of_the_answer_are_printed_each_on_its_line()
    {
        await using var bridge = await RunningBridge.StartAsync();
        await using var node = await ConnectAsync(bridge, "echo", message => message.AcknowledgeAsync([null, .. All(message.Arguments)]));

        var ending = await TellAsync(bridge, "node1:echo", """{"a": 1}""", "2", "hello", "\"5\"", "null");

        Assert.Equal(new Ending(0, "{\"a\":1}\n2\n\"hello\"\n\"5\"\nnull", ""), ending);
    }

    [Fact]
    public async Task With_json_the_answer_is_one_object()
    {
        await using var bridge = await RunningBridge.StartAsync();
        await using var node = await ConnectAsync(bridge, "echo", message => message.AcknowledgeAsync([null, .. All(message.Arguments)]));

        var ending = await TellAsync(bridge, "node1:echo", "[1]", "--json");

        Assert.Equal(new Ending(0, """{"outcome":"answered","arguments":[[1]]}""", ""), ending);
    }

    [Fact]
    public async Task The_node_is_told_the_name_that_is_given()
    {
        await using var bridge = await RunningBridge.StartAsync();
        await using var node = await ConnectAsync(bridge, "who", message => message.AcknowledgeAsync(null, message.Sender));

        Assert.Equal("\"me\"", (await TellAsync(bridge, "node1:who", "--name", "me")).Output);
    }

    [Fact]
    public async Task An_answer_that_is_an_error_is_a_rejection()
    {
        await using var bridge = await RunningBridge.StartAsync();
        await using var node = await ConnectAsync(bridge, "fail", message => message.AcknowledgeAsync(new { why = "closed" }));

        var plain = await TellAsync(bridge, "node1:fail");
        var json = await TellAsync(bridge, "node1:fail", "--json");

        Assert.Equal((1, ""), (plain.Code, plain.Output));
        Assert.Contains("{\"why\":\"closed\"}", Assert.Single(plain.Errors.Split('\n')), StringComparison.Ordinal);
        Assert.Equal((1, """{"outcome":"rejected","reason":{"why":"closed"}}"""), (json.Code, json.Output));
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_an_outcome_of_its_own()
    {
        await using var bridge = await RunningBridge.StartAsync();

        var ending = await TellAsync(bridge, "nobody:echo", "--json");

        Assert.Equal((3, "NoSuchPeer"), (ending.Code, (string?)JsonNode.Parse(ending.Errors)!["error"]));
    }

    [Fact]
    public async Task So_is_a_bridge_that_is_not_there() =>
        Assert.Equal(3, (await LinkProgram.RunAsync("tell", "node1:echo", "--bridge", $"127.0.0.1:{FreePorts.Next()}")).Code);

    [Fact]
    public async Task No_answer_in_time_is_an_outcome_of_its_own()
    {
        await using var bridge = await RunningBridge.StartAsync();
        await using var node = await ConnectAsync(bridge, "silent", _ => Task.CompletedTask);

        Assert.Equal(4, (await TellAsync(bridge, "node1:silent", "--timeout", "300ms")).Code);
    }

    [Fact]
    public async Task A_bridge_that_is_lost_is_an_outcome_of_its_own()
    {
        await using var bridge = await RunningBridge.StartAsync();
        var told = new TaskCompletionSource();
        await using var node = await ConnectAsync(bridge, "silent", _ => Told(told));
        var tell = TellAsync(bridge, "node1:silent");
        await Within.Deadline(told.Task);

        await bridge.Program.SignalAsync("KILL");

        Assert.Equal(5, (await tell).Code);
    }

    [Fact]
    public async Task A_tell_that_is_interrupted_says_what_may_have_happened()
    {
        await using var bridge = await RunningBridge.StartAsync();
        var told = new TaskCompletionSource();
        await using var node = await ConnectAsync(bridge, "silent", _ => Told(told));
        await using var tell = LinkProgram.Start("tell", "node1:silent", "--bridge", bridge.Address);
        await Within.Deadline(told.Task);

        await tell.SignalAsync("INT");

        Assert.Equal(new Ending(130, "", "link: interrupted; the peer may have handled the request"), await tell.ExitAsync());
    }

    [Fact]
    public async Task What_is_told_without_waiting_arrives()
    {
        await using var bridge = await RunningBridge.StartAsync();
        var told = new TaskCompletionSource<string>();
        await using var node = await ConnectAsync(bridge, "log", message => Told(told, message.Arguments.ToString()));

        var ending = await TellAsync(bridge, "node1:log", "x", "--no-wait", "--json");

        Assert.Equal(new Ending(0, """{"outcome":"sent"}""", ""), ending);
        Assert.Equal("""["x"]""", await Within.Deadline(told.Task));
    }

    [Fact]
    public async Task What_is_told_without_waiting_to_nobody_is_told_so()
    {
        await using var bridge = await RunningBridge.StartAsync();

        var ending = await TellAsync(bridge, "nobody:log", "x", "--no-wait", "--json");

        Assert.Equal((3, "", "NoSuchPeer"), (ending.Code, ending.Output, (string?)JsonNode.Parse(ending.Errors)!["error"]));
    }

    [Fact]
    public async Task After_two_dashes_all_is_data()
    {
        await using var bridge = await RunningBridge.StartAsync();
        await using var node = await ConnectAsync(bridge, "echo", message => message.AcknowledgeAsync([null, .. All(message.Arguments)]));

        var ending = await LinkProgram.RunAsync("tell", "--transport", $"flic://{bridge.Address}", "node1:echo", "-5", "--", "--jsn", "-x");

        Assert.Equal(new Ending(0, "-5\n\"--jsn\"\n\"-x\"", ""), ending);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_an_error()
    {
        await using var bridge = await RunningBridge.StartAsync();
        await using var node = await ConnectAsync(bridge, "echo", message => message.AcknowledgeAsync());

        var ending = await TellAsync(bridge, "node1:echo", "--name", "node1", "--json");

        Assert.Equal((6, "NameUnavailable"), (ending.Code, (string?)JsonNode.Parse(ending.Errors)!["error"]));
    }

    [Fact]
    public async Task What_is_shouted_arrives_everywhere()
    {
        await using var bridge = await RunningBridge.StartAsync();
        var (first, second) = (new TaskCompletionSource<string>(), new TaskCompletionSource<string>());
        await using var one = await ConnectAsync(bridge, "price", message => Told(first, message.Arguments.ToString()));
        await using var two = await ConnectAsync(bridge, "price", message => Told(second, message.Arguments.ToString()), "node2");

        var ending = await LinkProgram.RunAsync("shout", "price", """{"of":"tea"}""", "3.5", "--bridge", bridge.Address);

        Assert.Equal(new Ending(0, "", ""), ending);
        Assert.Equal("""[{"of":"tea"},3.5]""", await Within.Deadline(first.Task));
        Assert.Equal("""[{"of":"tea"},3.5]""", await Within.Deadline(second.Task));
    }

    private static Task<Ending> TellAsync(RunningBridge bridge, string target, params string[] more) =>
        LinkProgram.RunAsync(["tell", target, "--bridge", bridge.Address, .. more]);

    private static async Task<FlicNode> ConnectAsync(RunningBridge bridge, string @event, Func<FlicMessage, Task> handler, string id = "node1")
    {
        var node = bridge.CreateNode(id);
        node.On(@event, handler);
        await Within.Deadline(node.ConnectAsync());
        return node;
    }

    private static IEnumerable<object?> All(FlicArguments arguments) => Enumerable.Range(0, arguments.Count).Select(index => arguments[index]);

    private static Task Told(TaskCompletionSource told)
    {
        told.TrySetResult();
        return Task.CompletedTask;
    }

    private static Task Told(TaskCompletionSource<string> told, string arguments)
    {
        told.TrySetResult(arguments);
        return Task.CompletedTask;
    }
}

using System.Text.Json.Nodes;
using Link.Flic;
using Link.Testing;

namespace Link.Tests.Cli;

public sealed class BridgeTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_bridge_that_is_interrupted_tells_its_nodes(string signal)
    {
        await using var bridge = await RunningBridge.StartAsync();
        await using var node = bridge.CreateNode("node1");
        var closed = new TaskCompletionSource();
        node.Closed += (_, _) => closed.TrySetResult();
        await Within.Deadline(node.ConnectAsync());
        Assert.StartsWith("joined: node1 (tcp://127.0.0.1:", await bridge.Program.ReadLineAsync(), StringComparison.Ordinal);

        await bridge.Program.SignalAsync(signal);

        await Within.Deadline(closed.Task);
        var ending = await bridge.Program.ExitAsync();
        Assert.Equal((0, ""), (ending.Code, ending.Errors));
        Assert.EndsWith("closed", ending.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_each_event_is_an_object()
    {
        await using var bridge = await RunningBridge.StartAsync("--json");
        await using (var node = bridge.CreateNode("node1"))
        {
            await Within.Deadline(node.ConnectAsync());
            Assert.Equal(("joined", "node1"), NameOf(await bridge.Program.ReadLineAsync()));
        }

        Assert.Equal(("left", "node1"), NameOf(await bridge.Program.ReadLineAsync()));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error()
    {
        await using var bridge = await RunningBridge.StartAsync();

        var ending = await LinkProgram.RunAsync("bridge", bridge.Address);

        Assert.Equal((6, ""), (ending.Code, ending.Output));
        Assert.StartsWith("link: ", Assert.Single(ending.Errors.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listening_beyond_this_machine_must_be_asked_for()
    {
        var refused = await LinkProgram.RunAsync("bridge", "0.0.0.0:0");
        Assert.Equal(6, refused.Code);
        Assert.Contains("--cert and --key", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("--allow-insecure-network", refused.Errors, StringComparison.Ordinal);

        await using var bridge = LinkProgram.Start("bridge", "0.0.0.0:0", "--allow-insecure-network");
        Assert.StartsWith("listening on 0.0.0.0:", await bridge.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bridge_may_speak_TLS()
    {
        using var certificates = new TestCertificates();
        var (certificate, key) = certificates.Issue("bridge");
        await using var bridge = await RunningBridge.StartAsync("--cert", certificate, "--key", key);

        Assert.Equal(0, (await LinkProgram.RunAsync("shout", "reload", "--bridge", bridge.Address, "--ca", certificates.AuthorityFile)).Code);
    }

    [Fact]
    public async Task No_more_nodes_connect_than_are_allowed()
    {
        await using var bridge = await RunningBridge.StartAsync("--max-nodes", "1");
        await using var first = bridge.CreateNode("first");
        await Within.Deadline(first.ConnectAsync());

        var ending = await LinkProgram.RunAsync("shout", "reload", "--bridge", bridge.Address, "--timeout", "300ms");

        Assert.InRange(ending.Code, 3, 6);
        Assert.True(first.IsConnected);
    }

    [Fact]
    public async Task A_bridge_goes_on_when_nobody_reads_what_it_prints()
    {
        await using var bridge = await RunningBridge.StartAsync();
        bridge.Program.CloseOutput();

        Assert.Equal(0, (await LinkProgram.RunAsync("shout", "reload", "--bridge", bridge.Address)).Code);
        Assert.Equal(0, (await LinkProgram.RunAsync("shout", "reload", "--bridge", bridge.Address)).Code);
    }

    private static (string?, string?) NameOf(string? line) => ((string?)JsonNode.Parse(line!)!["event"], (string?)JsonNode.Parse(line!)!["name"]);
}

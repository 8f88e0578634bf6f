using System.Text.Json.Nodes;
using Link.Abstractions;
using Link.NodeIpc;
using Link.Streams.Tls;
using Link.Testing;
using Link.Tests.Faults;

namespace Link.Tests.Cli;

public sealed class CallTests : IAsyncLifetime
{
    private readonly Bench _bench = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _bench.DisposeAsync().AsTask();

    [Fact]
    public async Task A_reply_is_printed_as_JSON()
    {
        await _bench.StartEchoAsync("world");

        var ending = await CallAsync("world", """{"content":"Hello"}""");

        Assert.Equal((0, ""), (ending.Code, ending.Errors));
        var reply = JsonNode.Parse(ending.Output)!;
        Assert.True((bool)reply["success"]!);
        Assert.Equal("Hello", (string?)reply["echo"]!["content"]);
    }

    [Fact]
    public async Task With_json_the_reply_is_part_of_an_object_on_one_line()
    {
        await _bench.StartEchoAsync("world");

        var ending = await CallAsync("world", "{\"content\":\n\"Hello\"}", "--json");

        var printed = JsonNode.Parse(Assert.Single(ending.Output.Split('\n')))!;
        Assert.Equal("replied", (string?)printed["outcome"]);
        Assert.Equal("Hello", (string?)printed["reply"]!["echo"]!["content"]);
    }

    [Fact]
    public async Task The_peer_is_told_the_name_that_is_given()
    {
        await _bench.StartAsync("world", message => message.ReplyAsync(new { from = message.SentBy }));

        var ending = await CallAsync("world", "{}", "--name", "me");

        Assert.Equal("me", (string?)JsonNode.Parse(ending.Output)!["from"]);
    }

    [Fact]
    public async Task The_data_may_come_from_standard_input()
    {
        await _bench.StartEchoAsync("world");
        await using var program = LinkProgram.Start("call", "world", "-", "--socket-root", _bench.Directory.Path);

        var ending = await program.EndAsync("[1,2]\n");

        Assert.Equal("[1,2]", JsonNode.Parse(ending.Output)!["echo"]!.ToJsonString());
    }

    [Fact]
    public async Task A_rejection_is_printed_and_told()
    {
        await _bench.StartAsync("world", message => message.ReplyAsync(new { code = "NO" }, success: false));

        var ending = await CallAsync("world", "{}");

        Assert.Equal(1, ending.Code);
        Assert.Equal("NO", (string?)JsonNode.Parse(ending.Output)!["code"]);
        Assert.Equal("link: world rejected the request: NO", ending.Errors);
    }

    [Fact]
    public async Task Nobody_of_that_name_is_an_outcome_of_its_own()
    {
        var ending = await CallAsync("nobody", "{}");

        Assert.Equal((3, ""), (ending.Code, ending.Output));
        Assert.StartsWith("link: Could not connect to nobody.", Assert.Single(ending.Errors.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_reply_in_time_is_an_outcome_of_its_own()
    {
        await _bench.StartAsync("world", _ => { });

        var ending = await CallAsync("world", "{}", "--timeout", "200ms", "--json");

        Assert.Equal((4, ""), (ending.Code, ending.Output));
        Assert.Equal("Timeout", (string?)JsonNode.Parse(ending.Errors)!["error"]);
    }

    [Fact]
    public async Task A_connection_that_is_lost_is_an_outcome_of_its_own()
    {
        using var listener = _bench.Listen("world");
        var call = CallAsync("world", "{}");
        using (var peer = await listener.AcceptAsync())
        {
            await peer.ReadFrameAsync();
        }

        Assert.Equal(5, (await call).Code);
    }

    [Fact]
    public async Task A_peer_that_appears_later_can_be_waited_for()
    {
        var call = CallAsync("world", "{}", "--wait");
        await _bench.StartEchoAsync("world");

        Assert.Equal(0, (await call).Code);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_call_that_is_interrupted_says_what_may_have_happened(string signal)
    {
        var asked = new TaskCompletionSource();
        await _bench.StartAsync("world", _ => asked.TrySetResult());
        await using var program = LinkProgram.Start("call", "world", "{}", "--socket-root", _bench.Directory.Path);
        await Within.Deadline(asked.Task);

        await program.SignalAsync(signal);

        Assert.Equal(new Ending(130, "", "link: interrupted; the peer may have handled the request"), await program.ExitAsync());
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp4")]
    [InlineData("tls")]
    public async Task A_peer_may_be_on_the_network(string scheme)
    {
        using var certificates = new TestCertificates();
        var endpoint = await ListenAsync(scheme, certificates);

        var ending = await LinkProgram.RunAsync("call", "world", "{}", "--transport", endpoint, "--ca", certificates.AuthorityFile);

        Assert.Equal((0, ""), (ending.Code, ending.Errors));
    }

    [Fact]
    public async Task A_peer_may_be_a_node_of_a_bridge()
    {
        await using var bridge = await RunningBridge.StartAsync();
        await using var node = bridge.CreateNode("world");
        node.On("message", message => message.AcknowledgeAsync(null, new { got = message.Arguments[0] }));
        await Within.Deadline(node.ConnectAsync());

        var ending = await LinkProgram.RunAsync("call", "world", """{"a":1}""", "--transport", $"flic://{bridge.Address}");

        Assert.Equal((0, ""), (ending.Code, ending.Errors));
        Assert.Equal("""{"a":1}""", JsonNode.Parse(ending.Output)!["got"]!.ToJsonString());
    }

    [Fact]
    public async Task A_node_of_a_bridge_is_told_the_name_that_is_given()
    {
        await using var bridge = await RunningBridge.StartAsync();
        await using var node = bridge.CreateNode("world");
        node.On("message", message => message.AcknowledgeAsync(null, new { from = message.Sender }));
        await Within.Deadline(node.ConnectAsync());

        var named = await LinkProgram.RunAsync("call", "world", "{}", "--transport", $"flic://{bridge.Address}", "--name", "me");
        var anonymous = await LinkProgram.RunAsync("call", "world", "{}", "--transport", $"flic://{bridge.Address}");

        Assert.Equal("me", (string?)JsonNode.Parse(named.Output)!["from"]);
        Assert.True(Guid.TryParse((string?)JsonNode.Parse(anonymous.Output)!["from"], out _));
    }

    [Theory]
    [InlineData("call")]
    [InlineData("ping")]
    public async Task A_name_that_is_taken_at_a_bridge_is_an_error(string command)
    {
        await using var bridge = await RunningBridge.StartAsync();
        await using var node = bridge.CreateNode("me");
        await Within.Deadline(node.ConnectAsync());

        var ending = await LinkProgram.RunAsync(
            [command, "me", .. command == "call" ? (string[])["{}"] : [], "--transport", $"flic://{bridge.Address}", "--name", "me", "--json"]);

        Assert.Equal((6, ""), (ending.Code, ending.Output));
        Assert.Equal("NameUnavailable", (string?)JsonNode.Parse(ending.Errors)!["error"]);
    }

    [Fact]
    public async Task A_name_that_is_given_does_not_hide_that_there_is_no_bridge() =>
        Assert.Equal(3, (await LinkProgram.RunAsync("call", "world", "{}", "--transport", $"flic://127.0.0.1:{FreePorts.Next()}", "--name", "me")).Code);

    [Theory]
    [InlineData("127.0.0.1:1")]
    [InlineData("flic:127.0.0.1:1")]
    [InlineData("pigeon://x")]
    public async Task What_is_no_transport_is_told_which_there_are(string transport) => Assert.Contains(
        "unix:, pipe:, tcp://, tls://, udp4://, udp6:// or flic://",
        (await CallAsync("world", "{}", "--transport", transport)).Errors,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("call world {}")]
    [InlineData("call --help")]
    [InlineData("completion bash")]
    [InlineData("--help")]
    public async Task Output_that_cannot_be_written_is_an_error(string line)
    {
        await _bench.StartEchoAsync("world");
        var root = line.Contains("world", StringComparison.Ordinal) ? $"--socket-root {_bench.Directory.Path}" : "";

        var ending = await LinkProgram.RunBashAsync($"link {line} {root} > /dev/full");

        Assert.Equal(6, ending.Code);
        Assert.StartsWith("link: ", Assert.Single(ending.Errors.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_is_not_trusted_is_told_of_and_not_asked()
    {
        using var certificates = new TestCertificates();
        var endpoint = await ListenAsync("tls", certificates);

        var ending = await LinkProgram.RunAsync("call", "world", "{}", "--transport", endpoint, "--json");

        Assert.Equal(6, ending.Code);
        Assert.Equal(("Untrusted", "NotSent"), ((string?)JsonNode.Parse(ending.Errors)!["error"], (string?)JsonNode.Parse(ending.Errors)!["fate"]));
    }

    [Theory]
    [InlineData("{a")]
    [InlineData("'x'")]
    [InlineData("5")]
    [InlineData("@x")]
    public async Task Data_that_cannot_be_sent_is_refused(string data)
    {
        var ending = await CallAsync("world", data);

        Assert.Equal((2, ""), (ending.Code, ending.Output));
        Assert.Contains(data == "5" ? "object or an array" : $"'{data}' is not one strict JSON value", Assert.Single(ending.Errors.Split('\n')), StringComparison.Ordinal);
    }

    private Task<Ending> CallAsync(string peer, string data, params string[] more) =>
        LinkProgram.RunAsync(["call", peer, data, "--socket-root", _bench.Directory.Path, .. more]);

    private async Task<string> ListenAsync(string scheme, TestCertificates certificates)
    {
        var (certificate, key) = certificates.Issue("world");
        var transport = new NodeIpcTransport(new NodeIpcOptions
        {
            ListenOn = $"{scheme}://127.0.0.1:0",
            Tls = new TlsOptions { CertificateFile = certificate, KeyFile = key },
        });
        await _bench.StartEchoAsync("world", options => options with { Transport = transport });
        return transport.Endpoint!;
    }
}

using Link.Abstractions;
using Link.Spec.Support;
using Newtonsoft.Json.Linq;

namespace Link.Spec;

/// <summary>SPEC.md, Process One 1-7: the server and the data.</summary>
public sealed partial class ProcessOneTests : SpecTests
{
    private static readonly Func<Message, Task> Echo = message => message.ReplyAsync(new { echo = message.Data });

    [Fact, Step("One.1")]
    public void A_server_is_made_of_a_name_and_options()
    {
        var server = Make("test-one", Wire);

        Assert.Equal("test-one", server.Name);
        Assert.False(server.IsStarted);
        Assert.Empty(Directory.GetFileSystemEntries(SocketRoot));
    }

    [Fact]
    public void A_second_server_in_the_process_needs_permission()
    {
        Make("test-one", Memory with { AllowMultiple = false });

        Assert.Throws<InvalidOperationException>(() => new Server("test-two", Memory with { AllowMultiple = false }));
        Make("test-three", Memory with { AllowMultiple = true });
    }

    [Fact, Step("One.2")]
    public async Task A_server_hands_incoming_messages_to_its_handler()
    {
        var handled = Deadline.Signal<JToken>();
        await StartAsync("test-two", Memory, message =>
        {
            handled.SetResult(message.Data);
            return message.ReplyAsync(new { });
        });

        await Make("test-one", Memory).SendAsync("test-two", new { content = "Hello" }).Soon();

        Assert.Equal("Hello", (string?)(await handled.Task.Soon())["content"]);
    }

    [Fact, Step("One.2")]
    public void A_second_handler_is_refused()
    {
        var server = Make("test-one", Memory);
        server.OnMessage(Echo);

        Assert.Throws<InvalidOperationException>(() => server.OnMessage(Echo));
    }

    [Fact, Step("One.3")]
    public async Task A_started_server_can_be_reached_by_its_name()
    {
        var receiver = await StartAsync("test-two", Wire, Echo);

        Assert.True(receiver.IsStarted);
        Assert.True((await Make("test-one", Wire).SendAsync("test-two", new { n = 1 }).Soon()).Success);
    }

    [Fact, Step("One.3")]
    public async Task Starting_is_announced_once_with_its_reason()
    {
        var server = Make("test-one", Wire);
        var heard = new List<string>();
        var started = Deadline.Signal<bool>();
        var stopped = Deadline.Signal();
        server.Started += (_, e) =>
        {
            heard.Add($"started: {e.Reason}");
            started.TrySetResult(File.Exists(PathOf("test-one")));
        };
        server.Stopped += (_, e) =>
        {
            heard.Add($"stopped: {e.Reason}");
            stopped.SetResult();
        };

        await server.StartAsync("Login!").Soon();
        Assert.True(await started.Task.Soon());
        await server.StopAsync("Logout!").Soon();
        await stopped.Task.Soon();

        Assert.Equal(["started: Login!", "stopped: Logout!"], heard);
    }

    [Fact, Step("One.3")]
    public async Task A_server_that_was_never_started_can_send()
    {
        await StartAsync("test-two", Wire, Echo);
        var sender = Make("test-one", Wire);

        Assert.True((await sender.SendAsync("test-two", new { n = 1 }).Soon()).Success);
        Assert.False(sender.IsStarted);
        Assert.False(File.Exists(PathOf("test-one")));
    }

    [Fact, Step("One.4")]
    public async Task A_peer_is_named_by_a_string()
    {
        var listener = Own(new RawListener(SocketRoot + "app.world"));

        await Make("test-one", Wire).ConnectToAsync("world").Soon();

        await listener.AcceptAsync();
    }

    public static TheoryData<object> Objects() =>
    [
        new { test = "Hello " },
        new Greeting("Hello "),
        new Dictionary<string, object> { ["test"] = "Hello " },
        new JObject { ["test"] = "Hello " },
    ];

    [Theory, Step("One.5")]
    [MemberData(nameof(Objects), DisableDiscoveryEnumeration = true)]
    public async Task Data_may_be_any_value_that_is_an_object_in_JSON(object data)
    {
        await StartAsync("test-two", Memory, Echo);

        var reply = await Make("test-one", Memory).SendAsync("test-two", data).Soon();

        Assert.Equal("{\"test\":\"Hello \"}", reply["echo"]!.ToString(Newtonsoft.Json.Formatting.None));
    }

    [Fact, Step("One.5")]
    public async Task Data_may_be_an_array()
    {
        await StartAsync("test-two", Memory, Echo);

        var reply = await Make("test-one", Memory).SendAsync("test-two", new[] { 1, 2 }).Soon();

        Assert.Equal("[1,2]", reply["echo"]!.ToString(Newtonsoft.Json.Formatting.None));
    }

    [Fact, Step("One.5")]
    public async Task Data_that_is_neither_object_nor_array_is_refused()
    {
        var listener = Listen("test-two");
        var sender = Make("test-one", Wire);

        foreach (var data in new object[] { "text", 7, true, JValue.CreateNull() })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => sender.SendAsync("test-two", data).Soon());
        }

        await Assert.ThrowsAsync<ArgumentException>(() => sender.SendAsync("test-two", Payload.FromJson("7")).Soon());
        await Assert.ThrowsAsync<ArgumentNullException>(() => sender.SendAsync("test-two", (object)null!).Soon());
        var sent = sender.SendAsync("test-two", new { n = 1 });
        var peer = await listener.AcceptAsync();
        Assert.Equal(1, (int?)(await peer.ReceiveAsync())["data"]!["n"]);
        peer.Dispose();
        await Assert.ThrowsAsync<LinkException>(() => sent.Soon());
    }

    [Fact, Step("One.6")]
    public async Task Sending_asks_the_peer()
    {
        await StartAsync("test-two", Wire, message => message.ReplyAsync(new { response = $"{message.Data["content"]} world!" }));
        var sender = await StartAsync("test-one", Wire);

        var reply = await sender.SendAsync("test-two", new { content = "Hello" }).Soon();

        Assert.Equal("Hello world!", (string?)reply["response"]);
    }

    [Fact, Step("One.7")]
    public async Task The_receiver_knows_the_sender_by_its_connection()
    {
        var from = Deadline.Signal<Peer>();
        await StartAsync("test-two", Wire, message =>
        {
            from.SetResult(message.Peer);
            return message.ReplyAsync(new { });
        });

        await Make("test-one", Wire).SendAsync("test-two", new { n = 1 }).Soon();

        var peer = await from.Task.Soon();
        Assert.Equal(Environment.ProcessId, peer.ProcessId);
        Assert.NotNull(peer.UserId);
        Assert.NotNull(peer.GroupId);
        Assert.Null(peer.Name);
        Assert.False(peer.IsDialled);
    }

    private sealed record Greeting([property: Newtonsoft.Json.JsonProperty("test")] string Test);
}

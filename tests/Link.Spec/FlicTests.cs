using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Link.Abstractions;
using Link.Flic;
using Link.Spec.Support;

namespace Link.Spec;

/// <summary>SPEC.md, the sections on flic.</summary>
public sealed partial class FlicTests : SpecTests
{
    private const string Uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

    [Fact]
    public async Task A_node_of_Link_says_so_before_it_registers_its_name()
    {
        using var bridge = Listen();
        var starting = Make("test-one", Over(bridge)).StartAsync();
        using var node = new FlicPeer(await bridge.AcceptSocketAsync().Soon());

        Assert.Matches("^{\"id\":\"" + Uuid + "\",\"method\":\"LINK\",\"data\":\\[1],\"nodeName\":\"test-one\"}\0$", await node.ReadFrameAsync());
        var ident = await node.ReadFrameAsync();
        Assert.Matches("^{\"id\":\"" + Uuid + "\",\"method\":\"IDENT\",\"data\":\\[],\"nodeName\":\"test-one\"}\0$", ident);
        Assert.False(starting.IsCompleted);
        await AcknowledgeAsync(node, ident!);
        await starting.Soon();
    }

    [Fact]
    public async Task A_node_leaves_before_it_closes()
    {
        using var bridge = Listen();
        var server = Make("test-one", Over(bridge));
        var starting = server.StartAsync();
        using var node = new FlicPeer(await bridge.AcceptSocketAsync().Soon());
        await node.ReadFrameAsync();
        await AcknowledgeAsync(node, (await node.ReadFrameAsync())!);
        await starting.Soon();

        var stopping = server.StopAsync();

        var leave = await node.ReadFrameAsync();
        Assert.Matches("^{\"id\":\"" + Uuid + "\",\"method\":\"LEAVE\",\"data\":\\[],\"nodeName\":\"test-one\"}\0$", leave);
        await node.SendAsync($$"""{"id":"1","method":"ACK","data":["{{IdOf(leave!)}}",[]]}""");
        await stopping.Soon();
    }

    [Fact]
    public async Task A_bridge_of_Link_answers_that_it_is_one()
    {
        using var node = await ConnectAsync(await StartBridgeAsync());
        await node.SendAsync("""{"id":"a","method":"LINK","data":[1],"nodeName":"n"}""");
        await node.SendAsync("""{"id":"b","method":"IDENT","data":[],"nodeName":"n"}""");

        Assert.Equal("""["a",[null]]""", await node.ReadAnswerAsync());
        Assert.Equal("""["b",[null]]""", await node.ReadAnswerAsync());
    }

    [Fact]
    public async Task A_bridge_passes_on_a_TELL_and_its_answer()
    {
        var port = await StartBridgeAsync();
        using var one = await FlicPeer.JoinAsync(port, "one");
        using var two = await FlicPeer.JoinAsync(port, "two");

        await one.SendAsync("""{"id":"t1","method":"TELL","data":["two","event",["é",1.0]],"nodeName":"forged"}""");
        Assert.Matches("^{\"id\":\"" + Uuid + "\",\"method\":\"TELL\",\"data\":\\[\"one\",\"t1\",\"event\",\\[\"é\",1.0]]}\0$", await two.ReadFrameAsync());
        await two.SendAsync("""{"id":"x","method":"ACK","data":["one","t1",[null,2]]}""");
        Assert.Matches("^{\"id\":\"" + Uuid + "\",\"method\":\"ACK\",\"data\":\\[\"t1\",\\[null,2]]}\0$", await one.ReadFrameAsync());
    }

    [Fact]
    public async Task A_bridge_passes_a_SHOUT_to_all_others()
    {
        var port = await StartBridgeAsync();
        using var one = await FlicPeer.JoinAsync(port, "one");
        using var two = await FlicPeer.JoinAsync(port, "two");
        using var three = await FlicPeer.JoinAsync(port, "three");

        await one.SendAsync("""{"id":"s1","method":"SHOUT","data":["event",1],"nodeName":"one"}""");

        var heard = await two.ReadFrameAsync();
        Assert.Matches("^{\"id\":\"" + Uuid + "\",\"method\":\"SHOUT\",\"data\":\\[\"event\",1]}\0$", heard);
        Assert.Equal(heard, await three.ReadFrameAsync());
    }

    [Fact]
    public async Task A_bridge_tells_unknown_and_duplicate_names_and_lost_nodes()
    {
        var port = await StartBridgeAsync();
        using var one = await FlicPeer.JoinAsync(port, "one");
        using var other = await ConnectAsync(port);
        await other.SendAsync("""{"id":"i","method":"IDENT","data":[],"nodeName":"one"}""");
        Assert.Equal("""["i",["duplicate-node"]]""", await other.ReadAnswerAsync());

        await one.SendAsync("""{"id":"t1","method":"TELL","data":["two","event",[]],"nodeName":"one"}""");
        Assert.Equal("""["t1",["unknown-node"]]""", await one.ReadAnswerAsync());

        var two = await FlicPeer.JoinAsync(port, "two");
        await one.SendAsync("""{"id":"t2","method":"TELL","data":["two","event",[]],"nodeName":"one"}""");
        await two.ReadAsync("TELL");
        two.Dispose();
        Assert.Equal("""["t2",["node-lost"]]""", await one.ReadAnswerAsync());
    }

    [Fact]
    public async Task A_request_is_a_TELL_of_the_event_message_and_its_answer_the_reply()
    {
        var (node, sent) = await AskAsync(new { content = "Hello" }, new SendOptions { Id = "r1" });

        var tell = await node.ReadTellAsync("message");
        Assert.Equal("""["test-one","r1","message",[{"content":"Hello"}]]""", FlicPeer.Text(tell));
        await node.AnswerAsync(tell, """[null,{"response":"Hello world!"}]""");

        Assert.Equal("""{"success":true,"id":"r1","response":"Hello world!"}""", (await sent.Soon()).ToString());
    }

    [Theory]
    [InlineData("[null,{\"a\":1}]", """{"success":true,"id":"r1","a":1}""")]
    [InlineData("[null,{}]", """{"success":true,"id":"r1"}""")]
    [InlineData("[null,{\"id\":7}]", """{"success":true,"id":7}""")]
    [InlineData("[null,{\"b\":1,\"success\":true}]", """{"b":1,"success":true}""")]
    [InlineData("[null,\"text\"]", """{"success":true,"id":"r1","data":"text"}""")]
    [InlineData("[null,[1,2]]", """{"success":true,"id":"r1","data":[1,2]}""")]
    [InlineData("[null,null]", """{"success":true,"id":"r1","data":null}""")]
    [InlineData("[null,1,2]", """{"success":true,"id":"r1","data":1}""")]
    [InlineData("[null]", """{"success":true,"id":"r1"}""")]
    [InlineData("[]", """{"success":true,"id":"r1"}""")]
    [InlineData("[false,1]", """{"success":true,"id":"r1","data":1}""")]
    [InlineData("[0,1]", """{"success":true,"id":"r1","data":1}""")]
    [InlineData("[\"\",1]", """{"success":true,"id":"r1","data":1}""")]
    public async Task An_answer_without_an_error_resolves(string arguments, string reply)
    {
        var (node, sent) = await AskAsync(new { }, new SendOptions { Id = "r1" });
        await node.AnswerAsync(await node.ReadTellAsync("message"), arguments);

        Assert.Equal(reply, (await sent.Soon()).ToString());
    }

    [Theory]
    [InlineData("[\"no\"]", """{"success":false,"id":"r1","message":"no"}""")]
    [InlineData("[{\"code\":\"E\"},1]", """{"success":false,"id":"r1","code":"E"}""")]
    [InlineData("[{\"success\":false,\"id\":\"r1\"}]", """{"success":false,"id":"r1"}""")]
    [InlineData("[17]", """{"success":false,"id":"r1","error":17}""")]
    [InlineData("[true]", """{"success":false,"id":"r1","error":true}""")]
    [InlineData("[[]]", """{"success":false,"id":"r1","error":[]}""")]
    [InlineData("[null,{\"success\":\"yes\"}]", """{"success":"yes"}""")]
    [InlineData("[\"unknown-event\"]", """{"success":false,"id":"r1","code":"unknown-event","message":"The node listens to no messages."}""")]
    [InlineData("[\"handler-failed\"]", """{"success":false,"id":"r1","code":"handler-failed","message":"The handler failed."}""")]
    public async Task An_answer_with_an_error_rejects(string arguments, string reply)
    {
        var (node, sent) = await AskAsync(new { }, new SendOptions { Id = "r1" });
        await node.AnswerAsync(await node.ReadTellAsync("message"), arguments);

        Assert.Equal(reply, (await Assert.ThrowsAsync<RejectedException>(() => sent.Soon())).Reply.ToString());
    }

    [Theory]
    [InlineData("overloaded", LinkError.Overloaded, RequestFate.NotSent)]
    [InlineData("too-large", LinkError.TooLarge, RequestFate.NotSent)]
    [InlineData("answer-too-large", LinkError.TooLarge, RequestFate.Unknown)]
    [InlineData("unknown-node", LinkError.NoSuchPeer, RequestFate.NotSent)]
    public async Task A_request_that_was_not_answered_by_the_one_asked_fails(string error, LinkError expected, RequestFate fate)
    {
        var (node, sent) = await AskAsync(new { }, new SendOptions { Id = "r1" });
        await node.AnswerAsync(await node.ReadTellAsync("message"), $"[\"{error}\"]");

        var failure = await Assert.ThrowsAsync<LinkException>(() => sent.Soon());
        Assert.Equal((expected, fate), (failure.Error, failure.Fate));
    }

    [Fact]
    public async Task A_reply_is_an_answer_with_the_error_first()
    {
        var port = await StartBridgeAsync();
        await StartAsync("test-two", Over(port), message => message.ReplyAsync(new { got = message.Data }, success: (bool?)message.Data["ok"]));
        using var node = await FlicPeer.JoinAsync(port, "js");

        await node.SendAsync("""{"id":"t1","method":"TELL","data":["test-two","message",[{"ok":true},"ignored"]],"nodeName":"js"}""");
        Assert.Equal("""["t1",[null,{"success":true,"id":"t1","got":{"ok":true}}]]""", await node.ReadAnswerAsync());
        await node.SendAsync("""{"id":"t2","method":"TELL","data":["test-two","message",[{"ok":false}]],"nodeName":"js"}""");
        Assert.Equal("""["t2",[{"success":false,"id":"t2","got":{"ok":false}}]]""", await node.ReadAnswerAsync());
    }

    [Fact]
    public async Task A_request_of_a_plain_node_names_its_sender_and_may_have_no_data()
    {
        var port = await StartBridgeAsync();
        await StartAsync(
            "test-two", Over(port), message => message.ReplyAsync(new { empty = message.Payload.IsEmpty, message.SentBy, message.Peer.Name }));
        using var node = await FlicPeer.JoinAsync(port, "js");

        await node.SendAsync("""{"id":"t1","method":"TELL","data":["test-two","message",[]],"nodeName":"js"}""");

        Assert.Equal("""["t1",[null,{"success":true,"id":"t1","empty":true,"SentBy":"js","Name":"js"}]]""", await node.ReadAnswerAsync());
    }

    [Fact]
    public async Task Other_events_are_refused_and_shouts_ignored()
    {
        var port = await StartBridgeAsync();
        var errors = Deadline.Signal<Exception>();
        var server = await StartAsync("test-two", Over(port), message => message.ReplyAsync(new { }));
        server.Error += (_, e) => errors.TrySetResult(e.Error);
        using var node = await FlicPeer.JoinAsync(port, "js");

        await node.SendAsync("""{"id":"s","method":"SHOUT","data":["message",{}],"nodeName":"js"}""");
        await node.SendAsync("""{"id":"t1","method":"TELL","data":["test-two","error",["x"]],"nodeName":"js"}""");

        Assert.Equal("""["t1",["unknown-event"]]""", await node.ReadAnswerAsync());
        Assert.Equal(LinkError.ProtocolViolation, Assert.IsType<LinkException>(await errors.Task.Soon()).Error);
    }

    [Fact]
    public async Task A_dial_is_a_TELL_to_the_peer_and_one_to_itself_that_comes_back()
    {
        using var bridge = Listen();
        var sent = Make("test-one", Over(bridge)).SendAsync("test-two", new { }, new SendOptions { Id = "r1" });
        using var node = new FlicPeer(await bridge.AcceptSocketAsync().Soon());
        await node.ReadFrameAsync();
        await AcknowledgeAsync(node, (await node.ReadFrameAsync())!);

        var open = (await node.ReadFrameAsync())!;
        Assert.Matches("\"method\":\"TELL\",\"data\":\\[\"test-two\",\"link:open\",\\[\"" + Uuid + "\"]],\"nodeName\":\"" + Uuid + "\"}\0$", open);
        var echo = Newtonsoft.Json.Linq.JObject.Parse((await node.ReadFrameAsync())![..^1]);
        Assert.Equal(echo["nodeName"], echo["data"]![0]);
        Assert.Equal("link:echo", echo["data"]![1]);
        await node.SendAsync($$"""{"id":"2","method":"TELL","data":["{{echo["nodeName"]}}","{{echo["id"]}}","link:echo",{{FlicPeer.Text(echo["data"]![2]!)}}]}""");

        Assert.Equal("message", (await node.ReadAsync("TELL"))["data"]![1]);
        await node.SendAsync("""{"id":"3","method":"ACK","data":["r1",["unknown-node"]]}""");
        Assert.Equal(LinkError.NoSuchPeer, (await Assert.ThrowsAsync<LinkException>(() => sent.Soon())).Error);
    }

    [Fact]
    public async Task A_name_that_nobody_has_is_told_at_once()
    {
        var server = Make("test-one", Over(await StartBridgeAsync()));
        var missing = await Assert.ThrowsAsync<LinkException>(() => server.SendAsync("test-two", new { }).Soon());
        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (missing.Error, missing.Fate));
    }

    [Fact]
    public async Task The_end_of_a_connection_answers_the_TELL_of_the_other_side()
    {
        var port = await StartBridgeAsync();
        var ended = Deadline.Signal<Exception?>();
        var server = await StartAsync("test-two", Over(port));
        server.PeerDisconnected += (_, e) => ended.TrySetResult(e.Error);
        using var node = await FlicPeer.JoinAsync(port, "link");
        await OpenAsync(node, "first");
        await node.AnswerAsync(await node.ReadTellAsync("link:watch"), "[null]");
        Assert.Null(await ended.Task.Soon());
        Assert.Equal("""["first",[null]]""", await node.ReadAnswerAsync());

        await OpenAsync(node, "second");
        Assert.Equal("""["second"]""", FlicPeer.Text((await node.ReadTellAsync("link:watch"))[3]));
        var stopping = server.DisposeAsync();
        Assert.Equal("""["second",[null]]""", await node.ReadAnswerAsync());
        await stopping.AsTask().Soon();
    }

    [Fact]
    public async Task A_node_that_is_lost_ends_its_connections()
    {
        var (node, sent) = await AskAsync(new { });
        await node.ReadTellAsync("message");

        node.Dispose();

        Assert.Equal(LinkError.ConnectionLost, (await Assert.ThrowsAsync<LinkException>(() => sent.Soon())).Error);
    }

    [Fact]
    public async Task A_frame_too_large_for_an_original_is_refused_and_what_follows_arrives()
    {
        var (node, sent) = await AskAsync(new { text = new string('x', 100_000) });
        Assert.Equal(LinkError.TooLarge, (await Assert.ThrowsAsync<LinkException>(() => sent.Soon())).Error);

        await node.ReadTellAsync("link:open");
    }

    private static Task OpenAsync(FlicPeer node, string epoch) => node.SendAsync(
        $$"""{"id":"{{epoch}}","method":"TELL","data":["test-two","link:open",["{{epoch}}"]],"nodeName":"link"}""");

    private static Task AcknowledgeAsync(FlicPeer node, string ident) => node.SendAsync($$"""{"id":"1","method":"ACK","data":["{{IdOf(ident)}}",[null]]}""");

    private static string IdOf(string frame) => FrameIdText().Match(frame).Value;

    private async Task<int> StartBridgeAsync() => (await Own(new FlicBridge(new FlicBridgeOptions { Port = 0 })).StartAsync().Soon()).Port;

    private static async Task<FlicPeer> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port).Soon();
        return new FlicPeer(socket);
    }

    /// <summary>A plain node that a server has asked.</summary>
    private async Task<(FlicPeer Node, Task<Reply> Sent)> AskAsync(object data, SendOptions? options = null)
    {
        var port = await StartBridgeAsync();
        var node = Own(await FlicPeer.JoinAsync(port, "test-two"));
        var server = await StartAsync("test-one", Over(port));
        return (node, server.SendAsync("test-two", data, options ?? new SendOptions()));
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static ServerOptions Over(TcpListener bridge) => Over(((IPEndPoint)bridge.LocalEndpoint).Port);

    private static ServerOptions Over(int port) =>
        new() { Transport = new FlicTransport(new FlicNodeOptions { Port = port, ConnectTimeout = TimeSpan.FromSeconds(30) }), AllowMultiple = true };

    [GeneratedRegex(Uuid)]
    private static partial Regex FrameIdText();
}

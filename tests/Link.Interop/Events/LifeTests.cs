using Link.Interop.Harness;
using Link.NodeIpc.Events;

namespace Link.Interop.Events;

/// <summary>Connections that come, go, are too many, and come back; and who they are remembered as.</summary>
[Collection(SecondNode.Name)]
public sealed class LifeTests
{
    private readonly Seen<string> _seen = new();

    public static TheoryData<Over> Streams => [Over.Unix, Over.Tcp, Over.MutualTls];

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Our_client_comes_back_to_a_Node_server_that_was_killed_and_started_anew(Over over)
    {
        await using var meeting = await EventMeeting.StartAsync(over);
        await meeting.AddServingAsync();
        var client = meeting.Ipc.Of(EventMeeting.Node);
        client.Connected += (_, _) => _seen.Add("connected");
        client.Disconnected += (_, _) => _seen.Add("disconnected");
        await meeting.ConnectAsync(meeting.Ipc);
        Assert.Equal("connected", await _seen.NextAsync());

        await meeting.ReplaceNodeAsync();
        Assert.Equal("disconnected", await _seen.NextAsync());
        var node = await meeting.AddServingAsync();
        await meeting.ConnectAsync(meeting.Ipc);
        await client.EmitAsync("tell", "back");

        Assert.Equal("back", (string?)(await node.HappenedAsync("tell"))[0]["data"]);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_client_of_Node_comes_back_to_our_server_that_was_started_anew(Over over)
    {
        await using var meeting = await EventMeeting.StartAsync(over);
        await meeting.ServeAsync(meeting.Ipc);
        var node = await meeting.AddAsync();
        await node.ConnectAsync();
        await node.HappenedAsync("connect");

        await meeting.Ipc.DisposeAsync();
        await node.HappenedAsync("disconnect");
        var successor = meeting.Make();
        successor.Server.Connected += (_, _) => _seen.Add("connected");
        successor.Server.On("tell", message => _seen.Add(message.As<string>()!));
        await meeting.ServeAsync(successor);
        Assert.Equal("connected", await _seen.NextAsync());
        await node.EmitAsync(new { type = "tell", data = "back" });

        Assert.Equal("back", await _seen.NextAsync());
    }

    [Fact]
    public async Task Our_client_waits_for_a_Node_server_that_starts_late()
    {
        await using var meeting = await EventMeeting.StartAsync();
        var client = meeting.Ipc.Of(EventMeeting.Node);
        var failed = new Seen<Exception>();
        client.Error += (_, args) => failed.Add(args.Error);

        var connecting = meeting.ConnectAsync(meeting.Ipc);
        await failed.NextAsync();
        Assert.False(connecting.IsCompleted);
        await meeting.AddServingAsync(reactions: new { tell = "echo" });

        Assert.Same(client, await connecting);
    }

    [Theory]
    [InlineData(Over.Unix)]
    [InlineData(Over.Tcp)]
    public async Task Our_server_closes_the_Node_client_that_is_one_too_many(Over over)
    {
        await using var meeting = await EventMeeting.StartAsync(over, options => options with { MaxConnections = 1 });
        meeting.Ipc.Server.On("tell", message => message.Socket.EmitAsync("echo", message.Data));
        await meeting.ServeAsync(meeting.Ipc);
        var first = await meeting.AddAsync("first");
        await first.ConnectAsync();
        await first.EmitAsync(new { type = "tell", data = 1 });
        await first.HappenedAsync("echo");
        var second = await meeting.AddAsync("second", config: new() { ["stopRetrying"] = true });

        await second.ConnectAsync();

        await second.HappenedAsync("destroy");
        Assert.Equal(["connect", "disconnect", "destroy"], (await second.EverythingAsync()).Where(name => name != "error"));
        await first.EmitAsync(new { type = "tell", data = 2 });
        await first.HappenedAsync("echo", 2);
    }

    [Theory]
    [InlineData(Over.Unix)]
    [InlineData(Over.Tcp)]
    public async Task A_Node_server_closes_the_client_of_ours_that_is_one_too_many(Over over)
    {
        await using var meeting = await EventMeeting.StartAsync(over, options => options with { MaxRetries = 0 });
        var node = await meeting.AddServingAsync(reactions: new { tell = "echo" }, config: new() { ["maxConnections"] = 1 });
        var first = await meeting.ConnectAsync(meeting.Ipc);
        await node.HappenedAsync("connect");
        var other = meeting.Make("other");
        var second = other.Of(EventMeeting.Node);
        second.Connected += (_, _) => _seen.Add("connected");
        second.Disconnected += (_, _) => _seen.Add("disconnected");
        second.Destroyed += (_, _) => _seen.Add("destroyed");

        await meeting.ConnectAsync(other);

        Assert.Equal(["connected", "disconnected", "destroyed"], await _seen.NextAsync(3));
        first.On("echo", _ => _seen.Add("echo"));
        await first.EmitAsync("tell", 1);
        Assert.Equal("echo", await _seen.NextAsync());
    }

    [Theory]
    [InlineData(Over.Unix)]
    [InlineData(Over.Tcp)]
    public async Task Our_server_remembers_the_id_that_a_Node_client_told(Over over)
    {
        await using var meeting = await EventMeeting.StartAsync(over);
        meeting.Ipc.Server.On("tell", message => _seen.Add($"told {message.Socket.Id}"));
        meeting.Ipc.Server.SocketDisconnected += (_, args) => _seen.Add($"lost {args.Id}");
        await meeting.ServeAsync(meeting.Ipc);
        var node = await meeting.AddAsync();
        await node.ConnectAsync();

        await node.EmitAsync(new { type = "tell", data = new { id = "me" } }, new { type = "tell", data = "again" });
        await node.DisconnectAsync();

        Assert.Equal(["told me", "told me", "lost me"], await _seen.NextAsync(3));
    }

    [Theory]
    [InlineData("\"me\"", "\"me\"")]
    [InlineData("null", "false")]
    public async Task A_Node_server_remembers_the_id_that_our_client_told(string id, string remembered)
    {
        await using var meeting = await EventMeeting.StartAsync();
        var node = await meeting.AddServingAsync();
        var client = await meeting.ConnectAsync(meeting.Ipc);

        await client.EmitAsync("tell", new { id = Newtonsoft.Json.Linq.JToken.Parse(id) });
        await node.HappenedAsync("tell");
        await meeting.Ipc.DisconnectAsync(EventMeeting.Node);

        var lost = (await node.HappenedAsync("socket.disconnected"))[0];
        Assert.Equal(remembered, lost["id"]!.ToString(Newtonsoft.Json.Formatting.None));
        await node.HappenedAsync("close");
    }

    [Fact]
    public async Task Stopping_our_server_keeps_its_Node_clients()
    {
        await using var meeting = await EventMeeting.StartAsync();
        meeting.Ipc.Server.On("tell", message => message.Socket.EmitAsync("echo", message.Data));
        await meeting.ServeAsync(meeting.Ipc);
        var node = await meeting.AddAsync();
        await node.ConnectAsync();
        await node.EmitAsync(new { type = "tell", data = 1 });
        await node.HappenedAsync("echo");

        await meeting.Ipc.StopAsync();
        await node.EmitAsync(new { type = "tell", data = 2 });

        Assert.Equal(2, (int?)(await node.HappenedAsync("echo", 2))[1]["data"]);
    }

    [Theory]
    [InlineData('\n')]
    [InlineData('\u001e')]
    public async Task Both_sides_can_agree_on_another_delimiter(char delimiter)
    {
        await using var meeting = await EventMeeting.StartAsync(options: options => options with { Delimiter = delimiter });
        meeting.Ipc.Server.On("tell", message => message.Socket.EmitAsync("echo", message.Data));
        await meeting.ServeAsync(meeting.Ipc);
        var node = await meeting.AddServingAsync(reactions: new { tell = "echo" }, config: new() { ["delimiter"] = delimiter });
        meeting.Ipc.Of(EventMeeting.Node).On("echo", message => _seen.Add(message.As<string>()!));
        await node.ConnectAsync();
        var client = await meeting.ConnectAsync(meeting.Ipc);

        await client.EmitAsync("tell", $"our {delimiter}\f");
        await node.EmitAsync(new { type = "tell", data = $"their {delimiter}\f" });

        Assert.Equal($"our {delimiter}\f", await _seen.NextAsync());
        Assert.Equal($"their {delimiter}\f", (string?)(await node.HappenedAsync("echo"))[0]["data"]);
    }
}

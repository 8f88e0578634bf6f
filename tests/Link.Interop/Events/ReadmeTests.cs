using Link.Interop.Harness;
using Link.NodeIpc.Events;

namespace Link.Interop.Events;

/// <summary>The first example of node-ipc's documents, one half of it in C#: hello, and hello world.</summary>
[Collection(FirstNode.Name)]
public sealed class ReadmeTests
{
    private readonly Seen<string> _seen = new();
    private readonly Seen<Exception> _errors = new();

    public static TheoryData<Over, string> Streams => new()
    {
        { Over.Unix, NodeModules.PinnedVersion },
        { Over.Tcp, NodeModules.PinnedVersion },
        { Over.Tls, NodeModules.PinnedVersion },
        { Over.MutualTls, NodeModules.PinnedVersion },
        { Over.Unix, NodeModules.OldVersion },
        { Over.Tcp, NodeModules.OldVersion },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task The_world_is_in_CSharp_and_hello_comes_from_Node(Over over, string version)
    {
        await using var meeting = await EventMeeting.StartAsync(over, version: version);
        var world = meeting.Ipc.Server;
        world.On("message", message => world.EmitAsync(message.Socket, "message", message.As<string>() + " world!"));
        Watch(world);
        await meeting.ServeAsync(meeting.Ipc);
        var hello = await meeting.AddAsync(reactions: new { connect = "hello" });

        await hello.ConnectAsync();

        Assert.Equal("hello world!", (string?)(await hello.HappenedAsync("message"))[0]["data"]);
        Assert.Equal(0, _errors.Count);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task The_world_is_in_Node_and_hello_comes_from_CSharp(Over over, string version)
    {
        await using var meeting = await EventMeeting.StartAsync(over, version: version);
        await meeting.AddServingAsync(reactions: new { message = "world" });
        var world = meeting.Ipc.Of(EventMeeting.Node);
        world.Connected += (_, _) => _ = world.EmitAsync("message", "hello");
        world.On("message", message => _seen.Add(message.As<string>()!));
        Watch(world);

        await meeting.ConnectAsync(meeting.Ipc);

        // The greeting of the old version comes before it, and is no error.
        Assert.Equal("hello world!", await _seen.NextAsync());
        Assert.Equal(0, _errors.Count);
    }

    [Theory]
    [InlineData("events.broadcasting")]
    [InlineData("events.listening")]
    public async Task The_greeting_of_the_old_version_is_a_message_like_any_other(string type)
    {
        await using var meeting = await EventMeeting.StartAsync(version: NodeModules.OldVersion);
        await meeting.AddServingAsync();
        meeting.Ipc.Of(EventMeeting.Node).On(type, message => _seen.Add((string)message.Data["id"]!));

        await meeting.ConnectAsync(meeting.Ipc);

        Assert.Equal(EventMeeting.Node, await _seen.NextAsync());
    }

    private void Watch(IpcEvents events) => events.Error += (_, args) => _errors.Add(args.Error);
}

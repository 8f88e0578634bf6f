using Link.Abstractions;
using Link.Tests.Faults;
using Link.Testing;

namespace Link.Tests.NodeIpc.Events;

/// <summary>The names of node-ipc's local events are out of reach for those who send messages.</summary>
public sealed class ReservedTests : IpcTest
{
    public static TheoryData<string, string> Names => new()
    {
        { "connect", "Connected" },
        { "disconnect", "Disconnected" },
        { "destroy", "Destroyed" },
        { "error", "Error" },
        { "data", "Data" },
        { "start", "Started" },
        { "close", "Closed" },
        { "socket.disconnected", "SocketDisconnected" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_handler_for_a_local_event_is_told_which_event_to_use(string type, string replacement)
    {
        var ipc = Make("world");

        Assert.Contains(replacement, Assert.Throws<ArgumentException>(() => ipc.Server.On(type, _ => { })).Message, StringComparison.Ordinal);
        Assert.Contains(replacement, Assert.Throws<ArgumentException>(() => ipc.Of("x").Once(type, _ => { })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_frame_of_such_a_type_fires_nothing_and_is_reported(string type, string replacement)
    {
        var server = Make("world");
        var seen = new Seen();
        server.Server.Started += (_, _) => seen.Add("started");
        server.Server.Connected += (_, _) => seen.Add("connected");
        server.Server.Data += (_, _) => seen.Add("data");
        server.Server.Closed += (_, _) => seen.Add("closed");
        server.Server.SocketDisconnected += (_, _) => seen.Add("disconnected");
        server.Server.Error += (_, e) => seen.Add($"error {((LinkException)e.Error).Error} {e.Error.Message.Contains($"'{type}'", StringComparison.Ordinal)}");
        server.Server.On("message", _ => seen.Add(replacement));
        await Within.Deadline(server.ServeAsync());
        Assert.Equal("started", await seen.NextAsync());
        using var peer = await RawPeer.DialAsync(Directory.File("app.world"));

        await peer.SendAsync($"{{\"type\":\"{type}\",\"data\":1}}\f{{\"type\":\"message\",\"data\":1}}\f");

        Assert.Equal(["connected", "error ProtocolViolation True", replacement], await seen.NextAsync(3));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_message_of_such_a_type_can_be_sent(string type, string replacement)
    {
        Assert.NotEqual(type, replacement);
        using var listener = new RawListener(Directory.File("app.world"));
        var client = await Within.Deadline(Make("hello").ConnectToAsync("world"));
        using var peer = await listener.AcceptAsync();

        await client.EmitAsync(type, 1);

        Assert.Equal($"{{\"type\":\"{type}\",\"data\":1}}", await peer.ReadFrameAsync());
    }
}

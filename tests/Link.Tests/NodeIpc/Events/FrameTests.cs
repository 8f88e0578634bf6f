using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.Testing;
using Link.Tests.Faults;

namespace Link.Tests.NodeIpc.Events;

/// <summary>What a server and a client make of the frames that come.</summary>
public sealed class FrameTests : IpcTest
{
    private readonly Seen _seen = new();

    [Theory]
    [InlineData("""{"type":5,"data":1}""", "5")]
    [InlineData("""{"data":1,"type":"t"}""", "t")]
    [InlineData("""{"x":{"type":"u"},"type":"t","data":1,"y":null}""", "t")]
    [InlineData("""{"type":"u","type":"t","data":2,"data":1}""", "t")]
    [InlineData(" \r\n{ \"type\" : \"t\" , \"data\" : 1 } \r\n", "t")]
    [InlineData("""{"\u0074ype":"\u0074","data":1}""", "t")]
    public async Task A_message_is_recognised_in_every_form(string frame, string type)
    {
        using var peer = await DialAsync(type);

        await peer.SendAsync(frame + "\f");

        Assert.Equal(type + " 1", await _seen.NextAsync());
    }

    [Theory]
    [InlineData("""{"type":"t"}""", "")]
    [InlineData("""{"type":"t","data":null}""", "null")]
    [InlineData("""{"type":"t","data":""}""", "\"\"")]
    [InlineData("""{"type":"t","data":{"a":[1,{}]}}""", """{"a":[1,{}]}""")]
    public async Task Data_are_delivered_as_they_are(string frame, string data)
    {
        using var peer = await DialAsync("t");

        await peer.SendAsync(frame + "\f");

        Assert.Equal("t " + data, await _seen.NextAsync());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"data":1}""")]
    [InlineData("""{"type":null,"data":1}""")]
    [InlineData("""{"type":{"a":1},"data":1}""")]
    public async Task A_frame_that_is_no_message_is_dropped_and_reported(string frame)
    {
        using var peer = await DialAsync("t");

        await peer.SendAsync(frame + "\f{\"type\":\"t\",\"data\":1}\f");

        Assert.Equal(["error ProtocolViolation", "t 1"], await _seen.NextAsync(2));
    }

    [Fact]
    public async Task An_empty_frame_and_a_type_that_nobody_handles_are_ignored()
    {
        using var peer = await DialAsync("t");

        await peer.SendAsync("\f\f{\"type\":\"events.listening\",\"data\":{}}\f{\"type\":\"t\",\"data\":1}\f");

        Assert.Equal("t 1", await _seen.NextAsync());
    }

    [Theory]
    [InlineData("7b6261647d0c")]
    [InlineData("7b2274797065223a2274222c2264617461223a22ff227d0c")]
    [InlineData("efbbbf7b2274797065223a2274227d0c")]
    [InlineData("7b2274797065223a2274222c2264617461223a2261006222")]
    public async Task A_malformed_frame_closes_its_connection_and_no_other(string hex)
    {
        using var peer = await DialAsync("t");
        using var other = await RawPeer.DialAsync(Directory.File("app.world"));

        // In one go: after the first frame the connection may be closed.
        await peer.SendAsync((byte[])[.. Convert.FromHexString(hex), (byte)'\f']);
        await peer.WaitForEndAsync();
        Assert.Equal(["error ProtocolViolation", "closed"], await _seen.NextAsync(2));

        await other.SendAsync("{\"type\":\"t\",\"data\":1}\f");
        Assert.Equal("t 1", await _seen.NextAsync());
    }

    [Fact]
    public async Task Data_may_have_64_levels_and_no_more()
    {
        using var peer = await DialAsync("t");

        await peer.SendAsync($"{{\"type\":\"t\",\"data\":{Nested(64)}}}\f");
        Assert.Equal("t " + Nested(64), await _seen.NextAsync());

        await peer.SendAsync($"{{\"type\":\"t\",\"data\":{Nested(65)}}}\f");
        Assert.Equal("error ProtocolViolation", await _seen.NextAsync());
    }

    [Fact]
    public async Task A_client_that_gets_a_malformed_frame_disconnects_and_connects_again()
    {
        using var listener = new RawListener(Directory.File("app.world"));
        var ipc = Make("hello");
        Watch(ipc.Of("world"));
        ipc.Of("world").On("t", message => _seen.Add("t " + message.Payload));
        await Within.Deadline(ipc.ConnectToAsync("world"));
        using var peer = await listener.AcceptAsync();

        await peer.SendAsync("{bad}\f");
        using var again = await listener.AcceptAsync();
        await again.SendAsync("{\"type\":\"t\",\"data\":1}\f");

        Assert.Equal(["connected", "error ProtocolViolation", "disconnected", "connected", "t 1"], await _seen.NextAsync(5));
    }

    [Fact]
    public async Task A_connection_whose_handlers_are_slow_is_not_read()
    {
        var held = new TaskCompletionSource();
        var server = Make("world", options => options with { MaxQueuedEvents = 2, MaxQueuedEventBytes = 1024 });
        server.Server.On("t", async message =>
        {
            await held.Task;
            _seen.Add(message.Payload.ToString());
        });
        await Within.Deadline(server.ServeAsync());
        using var peer = await RawPeer.DialAsync(Directory.File("app.world"));
        var text = $"\"{new string('x', 60_000)}\"";
        var frame = System.Text.Encoding.UTF8.GetBytes($"{{\"type\":\"t\",\"data\":{text}}}\f");

        // Nothing can be waited for here but that the kernel's buffers are full: then sending does not go on.
        peer.Socket.Blocking = false;
        var (sent, begun) = (0, 0);
        await Within.Until(() =>
        {
            while (TrySend(peer, frame, ref sent))
            {
                begun = sent;
            }

            return begun >= frame.Length * 3;
        });
        Assert.True(begun < frame.Length * 100, "A peer whose handlers stand still was read on and on.");

        held.SetResult();
        await Within.Until(() =>
        {
            TrySend(peer, frame, ref sent);
            return sent % frame.Length == 0;
        });
        Assert.All(await _seen.NextAsync(sent / frame.Length), data => Assert.Equal(text, data));
    }

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static bool TrySend(RawPeer peer, byte[] frame, ref int sent)
    {
        var count = peer.Socket.Send(frame.AsSpan(sent % frame.Length), System.Net.Sockets.SocketFlags.None, out var error);
        sent += count;
        return error == System.Net.Sockets.SocketError.Success && sent < frame.Length * 100;
    }

    private void Watch(IpcClient client)
    {
        client.Connected += (_, _) => _seen.Add("connected");
        client.Disconnected += (_, _) => _seen.Add("disconnected");
        client.Error += (_, e) => _seen.Add($"error {((LinkException)e.Error).Error}");
    }

    private async Task<RawPeer> DialAsync(string type)
    {
        var server = Make("world");
        server.Server.Error += (_, e) => _seen.Add($"error {((LinkException)e.Error).Error}");
        server.Server.Closed += (_, _) => _seen.Add("closed");
        server.Server.On(type, message => _seen.Add($"{message.Type} {message.Payload}"));
        await Within.Deadline(server.ServeAsync());
        return await RawPeer.DialAsync(Directory.File("app.world"));
    }
}

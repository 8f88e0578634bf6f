using System.Net.Sockets;
using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Tests.NodeIpc.Events;

/// <summary>Messages between a server and its clients.</summary>
public sealed class MessageTests : IpcTest
{
    [Fact]
    public async Task A_client_asks_and_the_server_answers()
    {
        var (server, client) = await MakePairAsync();
        var seen = new Seen();
        server.Server.On("message", message => message.Socket.EmitAsync("message", message.As<string>() + " world!"));
        client.On("message", message => seen.Add(message.As<string>()!));

        await client.EmitAsync("message", "hello");

        Assert.Equal("hello world!", await seen.NextAsync());
    }

    [Fact]
    public async Task The_same_over_TCP()
    {
        var server = Make("world");
        var endpoint = await Within.Deadline(server.ServeNetAsync(port: 0));
        var seen = new Seen();
        server.Server.On("message", message => server.Server.EmitAsync(message.Socket, "message", message.As<string>() + " world!"));
        var client = await Within.Deadline(Make("hello").ConnectToNetAsync("world", endpoint.Address, endpoint.Port));
        client.On("message", message => seen.Add(message.As<string>()!));

        await client.EmitAsync("message", "hello");

        Assert.Equal("hello world!", await seen.NextAsync());
    }

    [Fact]
    public async Task The_same_at_a_path()
    {
        var server = Make("world");
        var path = Directory.File("elsewhere");
        await Within.Deadline(server.ServeAsync(path));
        var seen = new Seen();
        server.Server.On("message", message => seen.Add(message.As<string>()!));
        var client = await Within.Deadline(Make("hello").ConnectToAsync("world", path));

        await client.EmitAsync("message", "hello");

        Assert.Equal("hello", await seen.NextAsync());
    }
}

using Link.NodeIpc.Events;
using Link.Testing;

namespace Link.Tests.NodeIpc.Events;

/// <summary>Messages between a server and its clients, and the handlers that get them.</summary>
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

    [Fact]
    public async Task Handlers_may_be_set_before_the_client_connects()
    {
        var server = Make("world");
        server.Server.Connected += (_, e) => _ = e.Socket.EmitAsync("greeting", "welcome");
        await Within.Deadline(server.ServeAsync());
        var ipc = Make("hello");
        var seen = new Seen();
        ipc.Of("world").On("greeting", message => seen.Add(message.As<string>()!));

        var client = await Within.Deadline(ipc.ConnectToAsync("world"));

        Assert.Same(ipc.Of("world"), client);
        Assert.Equal("welcome", await seen.NextAsync());
    }

    [Fact]
    public async Task A_message_of_a_client_has_the_clients_own_connection()
    {
        var (server, client) = await MakePairAsync();
        var seen = new Seen();
        server.Server.On("question", message => seen.Add(message.Data.ToString()));
        client.On("message", message => message.Socket.EmitAsync("question", 1));

        await server.Server.BroadcastAsync("message");

        Assert.Equal("1", await seen.NextAsync());
    }

    [Fact]
    public async Task A_handler_for_once_runs_once()
    {
        var (server, client) = await MakePairAsync();
        var seen = new Seen();
        server.Server.Once("message", _ => seen.Add("once"));
        server.Server.On("message", message => seen.Add(message.As<string>()!));

        await client.EmitAsync("message", "a");
        await client.EmitAsync("message", "b");

        Assert.Equal(["once", "a", "b"], await seen.NextAsync(3));
    }

    [Fact]
    public async Task A_removed_handler_does_not_run()
    {
        var (server, client) = await MakePairAsync();
        var seen = new Seen();
        Action<IpcMessage> removed = _ => seen.Add("removed");
        Func<IpcMessage, Task> awaited = _ => Task.FromException(new InvalidOperationException("It runs all the same."));
        server.Server.On("message", removed);
        server.Server.On("message", awaited);
        server.Server.On("other", removed);
        server.Server.On("message", message => seen.Add(message.As<string>()!));
        server.Server.Error += (_, e) => seen.Add(e.Error.Message);

        server.Server.Off("message", removed);
        server.Server.Off("message", awaited);
        server.Server.Off("other");
        await client.EmitAsync("other", "a");
        await client.EmitAsync("message", "b");

        Assert.Equal("b", await seen.NextAsync());
    }

    [Fact]
    public async Task Handlers_of_one_connection_run_in_order_and_one_after_the_other()
    {
        var (server, client) = await MakePairAsync();
        var (seen, first) = (new Seen(), new TaskCompletionSource());
        server.Server.On("message", async message =>
        {
            seen.Add("begins " + message.As<string>());
            await (message.As<string>() == "a" ? first.Task : Task.CompletedTask);
            seen.Add("ends " + message.As<string>());
        });

        await client.EmitAsync("message", "a");
        await client.EmitAsync("message", "b");
        Assert.Equal("begins a", await seen.NextAsync());
        first.SetResult();

        Assert.Equal(["ends a", "begins b", "ends b"], await seen.NextAsync(3));
    }

    [Fact]
    public async Task A_handler_that_waits_holds_up_no_other_connection()
    {
        var (server, client) = await MakePairAsync();
        var other = await Within.Deadline(Make("other").ConnectToAsync("world"));
        var (seen, held) = (new Seen(), new TaskCompletionSource());
        server.Server.On("wait", _ => held.Task);
        server.Server.On("message", message => seen.Add(message.As<string>()!));

        await client.EmitAsync("wait");
        await other.EmitAsync("message", "b");

        Assert.Equal("b", await seen.NextAsync());
        held.SetResult();
    }

    [Fact]
    public async Task A_handler_that_fails_is_reported_and_ends_nothing()
    {
        var (server, client) = await MakePairAsync();
        var seen = new Seen();
        server.Server.Error += (_, e) => seen.Add(e.Error.Message);
        server.Server.Error += (_, _) => throw new InvalidOperationException("The reporter fails as well.");
        server.Server.On("message", (Action<IpcMessage>)(_ => throw new InvalidOperationException("at once")));
        server.Server.On("message", (Func<IpcMessage, Task>)(_ => Task.FromException(new InvalidOperationException("later"))));
        server.Server.On("message", message => seen.Add(message.As<string>()!));

        await client.EmitAsync("message", "a");
        Assert.Equal(["at once", "later", "a"], await seen.NextAsync(3));

        await client.EmitAsync("message", "b");
        Assert.Equal(["at once", "later", "b"], await seen.NextAsync(3));
    }

    [Fact]
    public async Task What_happens_to_a_connection_is_told_in_order()
    {
        var server = Make("world");
        var seen = new Seen();
        server.Server.Started += (_, e) => seen.Add($"started {e.Endpoint}");
        await Within.Deadline(server.ServeAsync());
        Assert.Equal($"started unix:{Directory.File("app.world")}", await seen.NextAsync());

        server.Server.Connected += (_, _) => seen.Add("connected");
        server.Server.On("message", message => seen.Add("message of " + message.Socket.Id));
        server.Server.SocketDisconnected += (_, e) => seen.Add("disconnected " + e.Id);
        server.Server.Closed += (_, e) => seen.Add("closed " + e.Socket.Id);
        var ipc = Make("hello");
        var client = await Within.Deadline(ipc.ConnectToAsync("world"));
        await client.EmitAsync("message", new { id = "first" });
        await client.EmitAsync("message", new { id = 7 });
        await client.EmitAsync("message", "none");
        await Within.Deadline(ipc.DisconnectAsync("world"));

        Assert.Equal(
            ["connected", "message of first", "message of 7", "message of 7", "disconnected 7", "closed 7"], await seen.NextAsync(6));
    }

    [Fact]
    public async Task A_connection_without_id_is_remembered_by_none()
    {
        var server = Make("world");
        var seen = new Seen();
        server.Server.SocketDisconnected += (_, e) => seen.Add(e.Id ?? "none");
        await Within.Deadline(server.ServeAsync());
        var ipc = Make("hello");
        var client = await Within.Deadline(ipc.ConnectToAsync("world"));

        await client.EmitAsync("message", new { id = new string('x', 300) });
        await client.EmitAsync("message", new { id = "" });
        await client.EmitAsync("message", new { id = 0 });
        await client.EmitAsync("message", new { id = new { } });
        await Within.Deadline(ipc.DisconnectAsync("world"));

        Assert.Equal("none", await seen.NextAsync());
    }
}

using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.Testing;

namespace Link.Tests.NodeIpc.Events;

/// <summary>What one connection, or one handler, cannot do to the others.</summary>
public sealed class FairnessTests : IpcTest
{
    private const int Many = 500;

    private readonly Seen _seen = new();

    [Fact]
    public async Task Handlers_of_one_connection_never_run_inside_a_handler_of_another()
    {
        var (server, one) = await MakePairAsync();
        var two = await Within.Deadline(Make("two").ConnectToAsync("world", Directory.File("app.world")));
        var signal = new TaskCompletionSource();
        var inside = new ThreadLocal<bool>();
        server.Server.On("wait", async _ => await signal.Task);
        server.Server.On("next", _ => _seen.Add($"next, inside: {inside.Value}"));
        server.Server.On("release", _ =>
        {
            inside.Value = true;
            signal.SetResult();
            inside.Value = false;
        });

        await one.EmitAsync("wait");
        await one.EmitAsync("next");
        await two.EmitAsync("release");

        Assert.Equal("next, inside: False", await _seen.NextAsync());
    }

    [Fact]
    public async Task What_a_peer_sent_before_it_left_is_handled_although_it_cannot_be_answered()
    {
        var server = Make("world");
        await Within.Deadline(server.ServeAsync());
        var leaving = Make("hello");
        var client = await Within.Deadline(leaving.ConnectToAsync("world"));
        var arrived = new TaskCompletionSource();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handled = 0;
        server.Server.On("ask", async message =>
        {
            arrived.TrySetResult();
            await go.Task;
            if (Interlocked.Increment(ref handled) == Many)
            {
                _seen.Add("all");
            }

            await message.Socket.EmitAsync("answer");
        });
        for (var count = 0; count < Many; count++)
        {
            await client.EmitAsync("ask", count);
        }

        await Within.Deadline(arrived.Task);
        await Within.Deadline(leaving.DisposeAsync());
        go.SetResult();

        Assert.Equal("all", await _seen.NextAsync());
    }

    [Fact]
    public async Task What_an_awaited_handler_of_a_local_event_throws_is_an_error()
    {
        var server = Make("world");
        server.Server.OnConnected(async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException("thrown by a handler");
        });
        server.Server.Error += (_, e) => _seen.Add(e.Error.Message);
        await Within.Deadline(server.ServeAsync());

        await Within.Deadline(Make("one").ConnectToAsync("world", Directory.File("app.world")));

        Assert.Equal("thrown by a handler", await _seen.NextAsync());
    }

    [Fact]
    public async Task Bytes_may_be_answered_by_an_awaited_handler()
    {
        var server = Make("world", options => options with { RawBuffer = true });
        server.Server.OnData(e => e.Socket.EmitRawAsync(e.Bytes));
        await Within.Deadline(server.ServeAsync());
        var ipc = Make("one", options => options with { RawBuffer = true });
        ipc.Of("world").Data += (_, e) => _seen.Add(Convert.ToHexString(e.Bytes.Span));
        var client = await Within.Deadline(ipc.ConnectToAsync("world", Directory.File("app.world")));

        await client.EmitRawAsync(new byte[] { 0, 255 });

        Assert.Equal("00FF", await _seen.NextAsync());
    }

    [Fact]
    public async Task Serving_does_not_wait_for_handlers()
    {
        var server = Make("world", options => options with { MaxQueuedEvents = 1 });
        server.Server.Started += (_, _) => server.ServeAsync(Directory.File("second")).Wait(Within.Default);

        await Within.Deadline(server.ServeAsync());

        await Within.Until(() => server.Server.Endpoints.Count == 2);
    }

    [Fact]
    public async Task Datagrams_that_ask_nothing_take_nobodys_place()
    {
        var server = Make("world", options => options with { MaxConnections = 1 });
        server.Server.On("message", message => _seen.Add(message.As<string>()!));
        await Within.Deadline(server.ServeAsync());
        var endpoint = await Within.Deadline(server.ServeNetAsync(UdpVersion.Udp4, "127.0.0.1", 0));
        for (var count = 0; count < 5; count++)
        {
            var sender = Make($"sender{count}");
            await Within.Deadline(sender.ServeNetAsync(UdpVersion.Udp4, "127.0.0.1", 0));
            await (await sender.Server.ToAsync(UdpVersion.Udp4, "127.0.0.1", endpoint.Port)).EmitAsync("message", $"{count}");
            Assert.Equal($"{count}", await _seen.NextAsync());
        }

        var client = await Within.Deadline(Make("one").ConnectToAsync("world", Directory.File("app.world")));
        await client.EmitAsync("message", "connected");
        Assert.Equal("connected", await _seen.NextAsync());
    }
}

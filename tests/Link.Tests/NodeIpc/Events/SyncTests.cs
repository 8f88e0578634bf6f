using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.Testing;
using Link.Tests.Faults;

namespace Link.Tests.NodeIpc.Events;

/// <summary>With <see cref="IpcOptions.Sync"/>, a message goes out only after something came back for the one before.</summary>
public sealed class SyncTests : IpcTest
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task The_next_message_waits_for_any_answer()
    {
        using var listener = new RawListener(Directory.File("app.world"));
        var client = await ConnectAsync();
        using var peer = await listener.AcceptAsync();

        await client.EmitAsync("message", 1);
        var second = client.EmitAsync("message", 2);
        var third = client.EmitAsync("message", 3);
        Assert.Equal("""{"type":"message","data":1}""", await peer.ReadFrameAsync());
        Assert.False(second.IsCompleted);

        await peer.SendAsync("{\"type\":\"nobody's\"}\f");
        await Within.Deadline(second);
        Assert.Equal("""{"type":"message","data":2}""", await peer.ReadFrameAsync());
        Assert.False(third.IsCompleted);

        await peer.SendAsync("{\"type\":\"nobody's\"}\f");
        await Within.Deadline(third);
        Assert.Equal("""{"type":"message","data":3}""", await peer.ReadFrameAsync());
    }

    [Fact]
    public async Task A_message_waits_no_longer_than_its_time_and_goes_out_never()
    {
        using var listener = new RawListener(Directory.File("app.world"));
        var client = await ConnectAsync();
        using var peer = await listener.AcceptAsync();
        await client.EmitAsync("message", 1);

        var late = client.EmitAsync("message", 2);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(late.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(late));

        Assert.Equal((LinkError.Timeout, RequestFate.NotSent), (error.Error, error.Fate));
        var third = client.EmitAsync("message", 3);
        await peer.SendAsync("{\"type\":\"nobody's\"}\f");
        await Within.Deadline(third);
        Assert.Equal("""{"type":"message","data":1}""", await peer.ReadFrameAsync());
        Assert.Equal("""{"type":"message","data":3}""", await peer.ReadFrameAsync());
    }

    [Fact]
    public async Task A_message_that_waits_can_be_cancelled()
    {
        using var listener = new RawListener(Directory.File("app.world"));
        var client = await ConnectAsync();
        using var cancelling = new CancellationTokenSource();
        await client.EmitAsync("message", 1);

        var waiting = client.EmitAsync("message", 2, cancelling.Token);
        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within.Deadline(waiting));
    }

    [Fact]
    public async Task So_many_messages_may_wait_and_no_more()
    {
        using var listener = new RawListener(Directory.File("app.world"));
        var client = await ConnectAsync(options => options with { MaxQueuedEmits = 1 });
        using var peer = await listener.AcceptAsync();
        await client.EmitAsync("message", 1);
        var waiting = client.EmitAsync("message", 2);

        var error = await Assert.ThrowsAsync<LinkException>(() => client.EmitAsync("message", 3));

        Assert.Equal((LinkError.Overloaded, RequestFate.NotSent), (error.Error, error.Fate));
        await peer.SendAsync("{\"type\":\"nobody's\"}\f");
        await Within.Deadline(waiting);
    }

    [Fact]
    public async Task What_waits_fails_when_the_connection_drops_and_the_next_connection_starts_afresh()
    {
        using var listener = new RawListener(Directory.File("app.world"));
        var ipc = Make("hello", options => options with { Sync = true });
        var client = await Within.Deadline(ipc.ConnectToAsync("world"));
        var connected = new Seen();
        client.Connected += (_, _) => connected.Add("again");
        using (await listener.AcceptAsync())
        {
            await client.EmitAsync("message", 1);
        }

        var error = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(client.EmitAsync("message", 2)));
        Assert.Equal((LinkError.ConnectionLost, RequestFate.NotSent), (error.Error, error.Fate));

        using var again = await listener.AcceptAsync();
        await Within.Deadline(ipc.ConnectToAsync("world"));
        await Within.Deadline(client.EmitAsync("message", 3));
        Assert.Equal("""{"type":"message","data":3}""", await again.ReadFrameAsync());
    }

    private async Task<IpcClient> ConnectAsync(Func<IpcOptions, IpcOptions>? change = null) =>
        await Within.Deadline(Make("hello", options =>
        {
            options = options with { Sync = true, TimeProvider = _time };
            return change?.Invoke(options) ?? options;
        }).ConnectToAsync("world"));
}

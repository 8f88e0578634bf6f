using System.Collections.Concurrent;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>Which side of the connection the server under test is on.</summary>
public enum Side
{
    /// <summary>The peer dialled it: requests come in.</summary>
    Accepted,

    /// <summary>It dialled the peer: replies come in.</summary>
    Dialled,
}

/// <summary>
/// A server with a peer that is about to misbehave, and with two that behave: one waits for the server's reply, the other's reply
/// is waited for by the server. Both requests are pending across the fault.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    public Bench Bench { get; } = new();

    private readonly ConcurrentQueue<string> _handled = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _handling = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RawPeer _asking = null!;
    private RawPeer _friend = null!;
    private string _pendingId = "";
    private Task<Reply> _promise = null!;

    private Scene(Func<ServerOptions, ServerOptions>? change)
    {
        Server = Bench.Create("victim", change);
        Events = new Recorder(Server);
        Server.OnMessage(HandleAsync);
    }

    public Server Server { get; }

    public Recorder Events { get; }

    /// <summary>The ids of the requests whose handler was called.</summary>
    public IReadOnlyCollection<string> Handled => _handled;

    /// <summary>The peer that misbehaves.</summary>
    public RawPeer Stranger { get; private set; } = null!;

    public static async Task<Scene> SetAsync(Side side = Side.Accepted, Func<ServerOptions, ServerOptions>? change = null)
    {
        var scene = new Scene(change);
        try
        {
            await scene.PrepareAsync(side);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>A request and its reply over the connection of the peer that misbehaves.</summary>
    public async Task AssertStrangerIsServedAsync(Side side)
    {
        if (side == Side.Dialled)
        {
            var promise = Server.SendAsync("stranger", new { });
            await Stranger.AnswerAsync();
            await Within.Deadline(promise);
            return;
        }

        await Stranger.SendAsync(Frames.Request("\"still\"", "{\"a\":1}"));
        Assert.Equal("""{"success":true,"id":"still","echo":{"a":1}}""", await Stranger.ReadTextAsync());
    }

    /// <summary>What was pending on the other connections before the fault ends well, and so does what comes after it.</summary>
    public async Task AssertOthersGoOnAsync()
    {
        Assert.False(_promise.IsCompleted);
        await PingAsync();

        _gate.SetResult();
        Assert.Equal("""{"success":true,"id":"before","waited":true}""", await _asking.ReadTextAsync());

        await _friend.SendAsync(Frames.Reply(_pendingId));
        await Within.Deadline(_promise);
        var next = Server.SendAsync("friend", new { });
        await _friend.AnswerAsync();
        await Within.Deadline(next);
    }

    /// <summary>A request and its reply over one of the connections that behave.</summary>
    public async Task PingAsync()
    {
        await _asking.SendAsync(Frames.Request("\"ping\"", "{}"));
        Assert.Equal("""{"success":true,"id":"ping","echo":{}}""", await _asking.ReadTextAsync());
    }

    /// <summary>Disposes the server and gives everything its events told.</summary>
    public async Task<IReadOnlyCollection<string>> EndAsync()
    {
        await Within.Deadline(Server.DisposeAsync());
        return Events.All;
    }

    public async ValueTask DisposeAsync()
    {
        _gate.TrySetResult();
        await Bench.DisposeAsync();
    }

    private async Task PrepareAsync(Side side)
    {
        await Within.Deadline(Server.StartAsync());
        _asking = await Bench.DialAsync("victim");
        await _asking.SendAsync(Frames.Request("\"before\"", "{\"wait\":true}"));
        await Within.Deadline(_handling.Task);

        _friend = await Bench.DialledByAsync(Server, "friend");
        _promise = Server.SendAsync("friend", new { });
        _pendingId = (await _friend.ReadMessageAsync())["id"]!.ToJsonString();

        Stranger = side == Side.Accepted ? await Bench.DialAsync("victim") : await Bench.DialledByAsync(Server, "stranger");
        if (side == Side.Accepted)
        {
            await AssertStrangerIsServedAsync(side);
        }
    }

    private async Task HandleAsync(Message message)
    {
        _handled.Enqueue(message.Id ?? "");
        if (message.Payload.ToString() == "{\"wait\":true}")
        {
            _handling.TrySetResult();
            await _gate.Task;
            await message.ReplyAsync(new { waited = true });
            return;
        }

        await message.ReplyAsync(new { echo = message.Data });
    }
}

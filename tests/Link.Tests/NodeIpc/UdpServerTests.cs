using System.Collections.Concurrent;
using Link.Abstractions;
using Link.NodeIpc;
using Link.Testing;

namespace Link.Tests.NodeIpc;

/// <summary>Two servers over UDP, with and without a bad network between them.</summary>
public sealed class UdpServerTests : IAsyncLifetime
{
    private static readonly ResendOptions Resend = new() { Interval = TimeSpan.FromMilliseconds(20), Count = 9 };

    private readonly List<Server> _servers = [];
    private readonly List<UdpRelay> _relays = [];
    private readonly ConcurrentDictionary<int, int> _handled = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await Within.Deadline(server.DisposeAsync());
        }

        _relays.ForEach(relay => relay.Dispose());
    }

    [Theory]
    [InlineData("udp4://127.0.0.1:0")]
    [InlineData("udp6://[::1]:0")]
    public async Task A_request_and_its_reply_are_a_datagram_each(string endpoint)
    {
        var caller = Call(await AnswerAsync(endpoint));
        var reply = await Within.Deadline(caller.SendAsync("two", new { n = 7 }));
        Assert.Equal(7, (int)reply["n"]!);
        Assert.Equal(1, _handled[7]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task With_resending_every_request_is_answered_and_handled_once_although_the_network_loses_doubles_and_reorders(int seed)
    {
        const int Count = 500;
        const int Waves = 10;
        var relay = Between(seed, await AnswerAsync("udp4://127.0.0.1:0", Resend));
        var caller = Call(relay.Endpoint, Resend);
        for (var wave = 0; wave < Waves; wave++)
        {
            var numbers = Enumerable.Range(wave * Count / Waves, Count / Waves);
            var replies = await Within.Deadline(Task.WhenAll(numbers.Select(n => caller.SendAsync("two", new { n }))));
            Assert.Equal(numbers, replies.Select(reply => (int)reply["n"]!));
        }

        Assert.True(relay.Lost > Count / 20, $"Only {relay.Lost} datagrams were lost.");
        Assert.Equal(Enumerable.Range(0, Count), _handled.Keys.Order());
        Assert.All(_handled, handled => Assert.Equal(1, handled.Value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Without_resending_every_call_ends_in_one_reply_or_a_timeout(int seed)
    {
        const int Count = 300;
        var relay = Between(seed, await AnswerAsync("udp4://127.0.0.1:0"));
        var caller = Call(relay.Endpoint, timeout: TimeSpan.FromSeconds(1));
        var outcomes = await Within.Deadline(Task.WhenAll(Enumerable.Range(0, Count).Select(n => OutcomeAsync(caller, n))));

        Assert.Equal(Count, outcomes.Length);
        Assert.Contains(outcomes, error => error is null);
        Assert.Contains(outcomes, error => error == LinkError.Timeout);
        Assert.All(outcomes, error => Assert.True(error is null or LinkError.Timeout, $"{error}"));
        Assert.Equal(0, caller.Statistics.PendingRequests);
        Assert.True(relay.Lost > 0);
    }

    [Fact]
    public async Task A_message_too_large_for_a_datagram_is_refused_and_the_next_goes()
    {
        var caller = Call(await AnswerAsync("udp4://127.0.0.1:0"));
        var refusal = await Assert.ThrowsAsync<LinkException>(
            () => Within.Deadline(caller.SendAsync("two", new { n = 1, text = new string('x', 70_000) })));
        Assert.Equal((LinkError.TooLarge, RequestFate.NotSent), (refusal.Error, refusal.Fate));
        Assert.Equal(2, (int)(await Within.Deadline(caller.SendAsync("two", new { n = 2 })))["n"]!);
    }

    [Fact]
    public async Task A_port_that_nobody_holds_is_no_peer()
    {
        var endpoint = await AnswerAsync("udp4://127.0.0.1:0");
        await _servers[0].DisposeAsync();
        var refusal = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(Call(endpoint).SendAsync("two", new { n = 1 })));
        Assert.Equal((LinkError.NoSuchPeer, RequestFate.NotSent), (refusal.Error, refusal.Fate));
    }

    [Fact]
    public async Task A_peer_that_has_gone_is_a_lost_connection()
    {
        var endpoint = await AnswerAsync("udp4://127.0.0.1:0");
        var caller = Call(endpoint);
        await Within.Deadline(caller.SendAsync("two", new { n = 1 }));
        await Within.Deadline(_servers[0].DisposeAsync());
        var lost = await Assert.ThrowsAsync<LinkException>(() => Within.Deadline(caller.SendAsync("two", new { n = 2 })));
        Assert.Equal(LinkError.ConnectionLost, lost.Error);
    }

    [Fact]
    public async Task A_stopped_server_still_answers_what_it_was_asked()
    {
        var asked = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var endpoint = await AnswerAsync("udp4://127.0.0.1:0", handler: async message =>
        {
            asked.SetResult();
            await go.Task;
            await message.ReplyAsync(new { late = true });
        });
        var call = Call(endpoint).SendAsync("two", new { n = 1 });
        await Within.Deadline(asked.Task);
        await Within.Deadline(_servers[0].StopAsync());
        go.SetResult();
        Assert.True((bool)(await Within.Deadline(call))["late"]!);
    }

    private static async Task<LinkError?> OutcomeAsync(Server caller, int n)
    {
        try
        {
            var reply = await caller.SendAsync("two", new { n });
            Assert.Equal(n, (int)reply["n"]!);
            return null;
        }
        catch (LinkException exception)
        {
            return exception.Error;
        }
    }

    private async Task<string> AnswerAsync(string endpoint, ResendOptions? resend = null, Func<Message, Task>? handler = null)
    {
        var transport = new NodeIpcTransport(new NodeIpcOptions { ListenOn = endpoint, Resend = resend });
        var server = new Server("two", new ServerOptions { AllowMultiple = true, Transport = transport, DrainTimeout = TimeSpan.Zero });
        _servers.Add(server);
        server.OnMessage(handler ?? (message =>
        {
            var n = (int)message.Data["n"]!;
            _handled.AddOrUpdate(n, 1, (_, times) => times + 1);
            return message.ReplyAsync(new { n });
        }));
        await Within.Deadline(server.StartAsync());
        return transport.Endpoint!;
    }

    private Server Call(string endpoint, ResendOptions? resend = null, TimeSpan? timeout = null)
    {
        var options = new NodeIpcOptions { Peers = new Dictionary<string, string> { ["two"] = endpoint }, Resend = resend };
        var server = new Server("one", new ServerOptions
        {
            AllowMultiple = true,
            Transport = new NodeIpcTransport(options),
            RequestTimeout = timeout ?? TimeSpan.FromSeconds(30),
            DrainTimeout = TimeSpan.Zero,
        });
        _servers.Add(server);
        return server;
    }

    private UdpRelay Between(int seed, string endpoint)
    {
        var relay = new UdpRelay(seed, int.Parse(endpoint[(endpoint.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
        _relays.Add(relay);
        return relay;
    }
}

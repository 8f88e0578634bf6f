using Link.Abstractions;
using Link.NodeIpc;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The examples of udp.md.</summary>
public class UdpExamples : Example
{
    private Server? _sensor;

    [Fact]
    public async Task A_server_listens_on_UDP()
    {
        var port = FreePorts.Next();

        // docs: udp answer
        var places = new NodeIpcOptions
        {
            Peers = new Dictionary<string, string> { ["sensor"] = $"udp4://127.0.0.1:{port}" },
        };
        await using var server = new Server("sensor", new ServerOptions { Transport = new NodeIpcTransport(places) });
        server.OnMessage(message => message.ReplyAsync(new { celsius = 21.5 }));
        await server.StartAsync();
        // end

        var caller = Other("display", new ServerOptions { Transport = new NodeIpcTransport(places) });
        Assert.Equal(21.5, (double)(await caller.SendAsync("sensor", new { read = "temperature" }))["celsius"]!);
    }

    [Fact]
    public async Task A_caller_gives_it_little_time_and_small_messages()
    {
        var places = await MeasuringAsync();

        // docs: udp ask
        var options = new ServerOptions { Transport = new NodeIpcTransport(places), RequestTimeout = TimeSpan.FromSeconds(2) };
        await using var server = new Server("display", options);
        Reply reply = await server.SendAsync("sensor", new { read = "temperature" });
        // end

        Assert.Equal(21.5, (double)reply["celsius"]!);

        // docs: udp size
        var isTooLarge = false;
        try
        {
            await server.SendAsync("sensor", new { text = new string('x', 70_000) });
        }
        catch (LinkException e) when (e.Error == LinkError.TooLarge)
        {
            isTooLarge = true; // its Fate is NotSent
        }
        // end

        Assert.True(isTooLarge);
    }

    [Fact]
    public async Task On_the_same_machine_a_missing_peer_is_known_at_once()
    {
        var places = new NodeIpcOptions { Peers = new Dictionary<string, string> { ["sensor"] = $"udp4://127.0.0.1:{FreePorts.Next()}" } };
        var caller = Other("display", new ServerOptions { Transport = new NodeIpcTransport(places) });
        var failure = await Assert.ThrowsAsync<LinkException>(() => caller.SendAsync("sensor", new { }));
        Assert.Equal(LinkError.NoSuchPeer, failure.Error);
    }

    [Fact]
    public async Task Disposing_a_server_frees_its_port()
    {
        var places = await MeasuringAsync();
        var caller = Other("display", new ServerOptions { Transport = new NodeIpcTransport(places) });
        await caller.SendAsync("sensor", new { });
        await _sensor!.DisposeAsync();

        var next = Other("sensor", new ServerOptions { Transport = new NodeIpcTransport(places) });
        await next.StartAsync();
        Assert.True(next.IsStarted);
    }

    [Fact]
    public async Task Requests_can_be_sent_again()
    {
        var places = new NodeIpcOptions { Peers = new Dictionary<string, string> { ["sensor"] = $"udp4://127.0.0.1:{FreePorts.Next()}" } };

        // docs: udp resend
        var options = places with { Resend = new ResendOptions { Interval = TimeSpan.FromMilliseconds(100), Count = 5 } };
        // end

        // That the handler runs once over a network that loses, doubles and reorders is shown in the tests of the transport.
        var sensor = Other("sensor", new ServerOptions { Transport = new NodeIpcTransport(options) });
        sensor.OnMessage(message => message.ReplyAsync(new { celsius = 21.5 }));
        await sensor.StartAsync();
        var caller = Other("display", new ServerOptions { Transport = new NodeIpcTransport(options) });
        Assert.Equal(21.5, (double)(await caller.SendAsync("sensor", new { }))["celsius"]!);
    }

    private async Task<NodeIpcOptions> MeasuringAsync()
    {
        var places = new NodeIpcOptions { Peers = new Dictionary<string, string> { ["sensor"] = $"udp4://127.0.0.1:{FreePorts.Next()}" } };
        _sensor = Other("sensor", new ServerOptions { Transport = new NodeIpcTransport(places) });
        _sensor.OnMessage(message => message.ReplyAsync(new { celsius = 21.5 }));
        await _sensor.StartAsync();
        return places;
    }
}

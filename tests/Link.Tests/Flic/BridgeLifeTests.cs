using System.Net.Security;
using System.Net.Sockets;
using Link.Abstractions;
using Link.Flic;
using Link.Streams;
using Link.Streams.Endpoints;
using Link.Streams.Tls;
using Link.Testing;
using Link.Tests.Faults;

namespace Link.Tests.Flic;

/// <summary>How a bridge begins and ends, and what it tells its program.</summary>
public sealed class BridgeLifeTests
{
    private static readonly FlicBridgeOptions Options = new() { Port = 0 };

    [Fact]
    public void A_bridge_listens_where_flic_does_unless_told_otherwise()
    {
        var options = new FlicBridgeOptions();

        Assert.Equal(("127.0.0.1", 8221, null, false), (options.Host, options.Port, options.Tls, options.CompatibleSenders));
    }

    [Fact]
    public async Task A_bridge_says_where_it_listens()
    {
        await using var bridge = new FlicBridge(Options);
        Assert.Null(bridge.Endpoint);
        Assert.Empty(bridge.Nodes);

        var endpoint = await bridge.StartAsync();

        Assert.Equal((EndpointKind.Tcp, "127.0.0.1"), (endpoint.Kind, endpoint.Address));
        Assert.Equal(endpoint, bridge.Endpoint);
        await bridge.CloseAsync();
        Assert.Null(bridge.Endpoint);
    }

    [Fact]
    public async Task A_taken_port_is_refused_and_may_be_tried_again()
    {
        await using var holder = new FlicBridge(Options);
        var endpoint = await holder.StartAsync();
        await using var bridge = new FlicBridge(Options with { Port = endpoint.Port });

        var refusal = await Assert.ThrowsAsync<LinkException>(() => bridge.StartAsync());
        Assert.Equal(LinkError.NameUnavailable, refusal.Error);
        Assert.Contains($"{endpoint.Port}", refusal.Message, StringComparison.Ordinal);

        await holder.CloseAsync();
        Assert.Equal(endpoint, await bridge.StartAsync());
        using var node = await BridgeClient.JoinAsync(bridge, "one");
    }

    [Fact]
    public async Task A_bridge_starts_once()
    {
        await using var bridge = new FlicBridge(Options);
        await bridge.StartAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => bridge.StartAsync());

        await bridge.CloseAsync();

        Assert.Equal(LinkError.Disposed, (await Assert.ThrowsAsync<LinkException>(() => bridge.StartAsync())).Error);
    }

    [Fact]
    public async Task A_bridge_is_not_open_to_the_network_by_accident()
    {
        await using var bridge = new FlicBridge(Options with { Host = "0.0.0.0" });

        Assert.Equal(LinkError.Untrusted, (await Assert.ThrowsAsync<LinkException>(() => bridge.StartAsync())).Error);
    }

    [Fact]
    public async Task A_bridge_with_TLS_needs_a_certificate()
    {
        await using var bridge = new FlicBridge(Options with { Tls = new TlsOptions() });

        await Assert.ThrowsAsync<ArgumentException>(() => bridge.StartAsync());
    }

    [Fact]
    public async Task A_bridge_may_have_TLS()
    {
        using var certificates = new TestCertificates();
        var (certificateFile, keyFile) = certificates.Issue("bridge");
        await using var bridge = new FlicBridge(Options with { Tls = new TlsOptions { CertificateFile = certificateFile, KeyFile = keyFile } });
        var watch = new BridgeWatch(bridge);
        var endpoint = await bridge.StartAsync();
        Assert.Equal(EndpointKind.Tls, endpoint.Kind);

        using var socket = new TcpClient();
        await Within.Deadline(socket.ConnectAsync("127.0.0.1", endpoint.Port));
        await using var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await Within.Deadline(tls.AuthenticateAsClientAsync("localhost"));
        await tls.WriteAsync("{\"id\":\"i\",\"method\":\"IDENT\",\"data\":[],\"nodeName\":\"one\"}\0"u8.ToArray());

        Assert.Equal("+one", await watch.ChangeAsync());
    }

    [Fact]
    public async Task A_start_that_is_cancelled_listens_nowhere()
    {
        await using var bridge = new FlicBridge(Options);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bridge.StartAsync(new CancellationToken(canceled: true)));

        Assert.Null(bridge.Endpoint);
    }

    [Fact]
    public async Task Closing_tells_every_node_and_closes_the_connections()
    {
        await using var bridge = new FlicBridge(Options);
        var watch = new BridgeWatch(bridge);
        await bridge.StartAsync();
        using var one = await BridgeClient.JoinAsync(bridge, "one");
        using var link = await BridgeClient.JoinAsLinkAsync(bridge, "link");
        using var nameless = await BridgeClient.ConnectAsync(bridge);
        await nameless.AskForAsync("one");

        await Within.Deadline(bridge.CloseAsync("bye", new { reason = "tired" }, null));

        Assert.Equal("""["bye",{"reason":"tired"},null]""", await one.ReadAsync("CLOSE"));
        Assert.Equal("""["bye",{"reason":"tired"},null]""", await link.ReadAsync("CLOSE"));
        Assert.Null(await one.ReadAsync());
        Assert.Null(await link.ReadAsync());
        Assert.Null(await nameless.ReadAsync());
        Assert.Empty(bridge.Nodes);
        Assert.Equal(["+one", "+link"], [await watch.ChangeAsync(), await watch.ChangeAsync()]);
        string[] left = [await watch.ChangeAsync(), await watch.ChangeAsync()];
        Assert.Equal(["-link", "-one"], left.Order());
        Assert.True(watch.HasNoError);
    }

    [Fact]
    public async Task Closing_without_data_tells_nothing_more()
    {
        await using var bridge = new FlicBridge(Options);
        await bridge.StartAsync();
        using var one = await BridgeClient.JoinAsync(bridge, "one");

        await Within.Deadline(bridge.DisposeAsync());

        Assert.Equal("[]", await one.ReadAsync("CLOSE"));
        Assert.Null(await one.ReadAsync());
    }

    [Fact]
    public async Task Closing_again_does_nothing()
    {
        await using var bridge = new FlicBridge(Options);
        await bridge.StartAsync();
        using var one = await BridgeClient.JoinAsync(bridge, "one");

        await Within.Deadline(Task.WhenAll(bridge.CloseAsync("first"), bridge.CloseAsync("second"), bridge.DisposeAsync().AsTask()));

        Assert.Equal("""["first"]""", await one.ReadAsync("CLOSE"));
        Assert.Null(await one.ReadAsync());
    }

    [Fact]
    public async Task A_bridge_that_was_never_started_closes_too()
    {
        await using var bridge = new FlicBridge(Options);

        await Within.Deadline(bridge.CloseAsync());
    }

    [Fact]
    public async Task Parting_data_that_is_no_JSON_closes_nothing()
    {
        await using var bridge = new FlicBridge(Options);
        await bridge.StartAsync();
        using var one = await BridgeClient.JoinAsync(bridge, "one");

        Assert.Equal(LinkError.InvalidData, (await Assert.ThrowsAsync<LinkException>(() => bridge.CloseAsync((Action)(() => { })))).Error);

        await one.AssertNothingCameAsync();
    }

    [Fact]
    public async Task Closing_does_not_wait_for_a_node_that_does_not_read()
    {
        await using var bridge = new FlicBridge(Options with { Limits = new StreamLimits { WriteTimeout = TimeSpan.FromMilliseconds(200) } });
        await bridge.StartAsync();
        using var slow = await BridgeClient.JoinAsLinkAsync(bridge, "slow");
        using var teller = await BridgeClient.JoinAsLinkAsync(bridge, "teller");
        var tell = $$"""{"id":"t","method":"TELL","data":["slow","e",["{{new string('x', 1_000_000)}}"]]}""";
        await teller.SendAsync([.. Enumerable.Repeat(tell, 20)]);

        await Within.Deadline(bridge.CloseAsync());

        Assert.Empty(bridge.Nodes);
    }

    [Fact]
    public async Task What_a_handler_throws_stays_with_it()
    {
        await using var bridge = new FlicBridge(Options);
        bridge.NodeJoined += (_, _) => throw new InvalidOperationException("A handler fails.");
        var watch = new BridgeWatch(bridge);
        await bridge.StartAsync();

        using var one = await BridgeClient.JoinAsync(bridge, "one");
        one.EndWriting();

        Assert.Equal("+one", await watch.ChangeAsync());
        Assert.Equal("-one", await watch.ChangeAsync());
    }

    [Fact]
    public async Task A_handler_that_does_not_return_holds_up_no_node()
    {
        await using var bridge = new FlicBridge(Options);
        using var goOn = new SemaphoreSlim(0);
        bridge.NodeJoined += (_, _) => goOn.Wait();
        await bridge.StartAsync();
        using var one = await BridgeClient.JoinAsync(bridge, "one");

        // More than are kept.
        await one.SendAsync([.. Enumerable.Repeat("null", BridgeEvents.MaxErrorsWaiting + 10)]);
        await one.AssertNothingCameAsync();

        await Within.Deadline(bridge.CloseAsync());
        goOn.Release();
    }

    [Fact]
    public async Task Whoever_takes_a_name_over_joins_after_its_last_holder_has_left()
    {
        await using var bridge = new FlicBridge(Options);
        var watch = new BridgeWatch(bridge);
        await bridge.StartAsync();

        var joined = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            using var node = await BridgeClient.ConnectAsync(bridge);
            var times = 0;
            for (var round = 0; round < 200; round++)
            {
                await node.SendAsync("""{"id":"i","method":"IDENT","data":[],"nodeName":"x"}""");
                if (await node.ReadAsync("ACK") == """["i",[null]]""")
                {
                    times++;
                    await node.SendAsync("""{"id":"l","method":"LEAVE","data":[],"nodeName":"x"}""");
                    Assert.Equal("""["l",[]]""", await node.ReadAsync("ACK"));
                }
            }

            return times;
        })));

        for (var count = joined.Sum(); count > 0; count--)
        {
            Assert.Equal("+x", await watch.ChangeAsync());
            Assert.Equal("-x", await watch.ChangeAsync());
        }
    }

    [Fact]
    public async Task A_handler_may_close_the_bridge()
    {
        var bridge = new FlicBridge(Options);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bridge.NodeJoined += (_, _) =>
        {
            bridge.CloseAsync().Wait();
            closed.SetResult();
        };
        await bridge.StartAsync();
        using var one = await BridgeClient.JoinAsync(bridge, "one");

        await Within.Deadline(closed.Task);
    }

    [Fact]
    public async Task A_logger_that_fails_harms_nobody()
    {
        using var factory = new BrokenLoggerFactory(makesLoggers: true);
        await using var bridge = new FlicBridge(Options with { LoggerFactory = factory });
        var watch = new BridgeWatch(bridge);
        await bridge.StartAsync();

        using var one = await BridgeClient.JoinAsync(bridge, "one");
        await one.SendAsync("null");

        Assert.Equal("+one", await watch.ChangeAsync());
        Assert.Equal(LinkError.ProtocolViolation, (await watch.ErrorAsync()).Error.Error);
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Options_out_of_range_are_refused(Func<FlicBridgeOptions, FlicBridgeOptions> change) =>
        Assert.ThrowsAny<ArgumentException>(() => new FlicBridge(change(Options)));

    public static TheoryData<Func<FlicBridgeOptions, FlicBridgeOptions>> OutOfRange() =>
    [
        options => options with { MaxNodes = 0 },
        options => options with { MaxOpenTells = 0 },
        options => options with { RegisterTimeout = TimeSpan.Zero },
        options => options with { RegisterTimeout = TimeSpan.FromDays(41) },
        options => options with { DeadPeerTimeout = TimeSpan.FromSeconds(1) },
        options => options with { Port = -1 },
        options => options with { Port = 65_536 },
        options => options with { Host = "" },
        options => options with { Limits = null! },
        options => options with { LoggerFactory = null! },
        options => options with { TimeProvider = null! },
        options => options with { Limits = new StreamLimits { MaxFrameBytes = 1 } },
    ];
}
